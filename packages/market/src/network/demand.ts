import { type Ppm, ppmScale } from '@mooring/protocol/units'
import { least, most, mulDivDown, sumOf } from '../economy/money/mul-div.ts'
import type { Credits } from '../metering/holding.ts'

/** What there is of one chain: demand of closed epochs, and the nodes that serve it now. */
export type ChainDemand = {
  chain: string
  charged: Credits
  relayed: Credits
  /** Of what was relayed, the part of plain upstreams, which are nobody's staked nodes. */
  relayedPlain: Credits
  asked: bigint
  /** Asked of nodes, and failed by them or answered late. */
  failedOrLate: bigint
  /** Active ones. */
  nodes: bigint
}

/** How much of a chain's demand waits for a provider. */
export type Waiting = {
  chain: string
  /** Credits: of what relays of the chain earn, the part that more or better nodes would serve. */
  waiting: Credits
  waitingPpm: Ppm
  cause: WaitingCause
}

export const waitingCauses = ['none', 'no-nodes', 'plain', 'faults', 'load'] as const
/** What most of it is for: no node at all, plain upstreams in their place, faults, or more than their part of work. */
export type WaitingCause = (typeof waitingCauses)[number]

/**
 * Ranks chains by the credits that wait for a provider, most first: this is where a node more, or a better one, would earn
 * most. Relays of a chain earn what they cost, and together no more than was charged.
 *
 * Of a chain that is the greater of two parts of that: what plain upstreams answered or nodes failed or were
 * late with, and what goes beyond the work its nodes would have if all nodes of the network had the same. Chains that have
 * the same are in the order of their names.
 */
export function rankDemand(chains: readonly ChainDemand[]): Waiting[] {
  const earnedAll = sumOf(chains.map(earnedOf))
  const nodesAll = sumOf(chains.map(({ nodes }) => nodes))
  return chains
    .map((row) => waitingOf(row, { earnedAll, nodesAll }))
    .sort((one, other) =>
      one.waiting === other.waiting
        ? compareNames(one.chain, other.chain)
        : one.waiting > other.waiting
          ? -1
          : 1,
    )
}

function waitingOf(
  row: ChainDemand,
  { earnedAll, nodesAll }: { earnedAll: Credits; nodesAll: bigint },
): Waiting {
  const { chain, nodes } = row
  const earned = earnedOf(row)
  if (earned === 0n) return { chain, waiting: 0n, waitingPpm: 0n, cause: 'none' }
  if (nodes === 0n) return { chain, waiting: earned, waitingPpm: ppmScale, cause: 'no-nodes' }
  const [plainPpm, faultPpm] = [partOf(row.relayedPlain, row.relayed), faultPpmOf(row)]
  // Of what nodes answered, as large a part is faulty as of what they were asked.
  const unmetPpm = ppmScale - ((ppmScale - plainPpm) * (ppmScale - faultPpm)) / ppmScale
  const unmet = mulDivDown(earned, unmetPpm, ppmScale)
  const beyond = most(0n, earned - mulDivDown(earnedAll, nodes, nodesAll))
  const waiting = most(unmet, beyond)
  const waitingPpm = mulDivDown(waiting, ppmScale, earned)
  if (waiting === 0n) return { chain, waiting, waitingPpm, cause: 'none' }
  const ofUnmet = plainPpm >= faultPpm ? 'plain' : 'faults'
  return { chain, waiting, waitingPpm, cause: unmet >= beyond ? ofUnmet : 'load' }
}

/** What all relays of a chain earn together, in credits, were they of the best quality. */
function earnedOf({ charged, relayed }: ChainDemand): Credits {
  return least(charged, relayed)
}

function faultPpmOf({ failedOrLate, asked }: ChainDemand): Ppm {
  return partOf(failedOrLate, asked)
}

/** Never more than all of it, whatever the counts say; nothing of nothing. */
function partOf(part: bigint, whole: bigint): Ppm {
  return whole === 0n ? 0n : least(ppmScale, mulDivDown(part, ppmScale, whole))
}

/** By code units, so that every machine has the same order. */
function compareNames(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
