import type { Ppm, Seconds, TokenAmount } from '@mooring/protocol/units'
import { mulDivDown, sumOf } from '../economy/money/mul-div.ts'
import type { Credits } from '../metering/holding.ts'
import {
  type EpochData,
  type EpochFile,
  firstEpochOf,
  type NodePerformance,
} from '../settlement/epoch-data.ts'
import { qualityOf, type RelayCounts, sumOfCounts } from '../settlement/quality.ts'

/** What a network tells of a closed epoch: the sums of its file, without accounts, receipts and keys. */
export type EpochSummary = {
  number: bigint
  /** Closed together with those before it that were not posted. */
  firstEpoch: bigint
  from: Seconds
  to: Seconds
  /** By chain. */
  chains: readonly ChainSummary[]
  paid: TokenAmount
  withheld: TokenAmount
  /** All that worked or were paid, by id. */
  providers: ReadonlyMap<bigint, ProviderSummary>
}

export type ChainSummary = RelayCounts & {
  chain: string
  charged: Credits
  relayed: Credits
  /** Of what was relayed, the part of nodes; the rest was answered by plain upstreams. */
  relayedByNodes: Credits
  /** By node: credits of what it relayed. */
  nodes: ReadonlyMap<bigint, Credits>
}

export type ProviderSummary = {
  earned: TokenAmount
  /** By chain. */
  work: readonly ChainWork[]
}

export type ChainWork = RelayCounts & { chain: string; credits: Credits; qualityPpm: Ppm }

/** @param file - One that holds: of another one the result means nothing. */
export function summarizeEpoch({ data, roots }: EpochFile): EpochSummary {
  const { number, from, to } = data.epoch
  const byChain = Map.groupBy(data.performance, ({ chain }) => chain)
  return {
    ...{ number, firstEpoch: firstEpochOf(data), from, to },
    chains: data.served.map((row) => chainSummary(row, byChain.get(row.chain) ?? [])),
    paid: sumOf(data.payouts.map(({ amount }) => amount)),
    withheld: roots.withheldTotal - (data.previous?.withheldTotal ?? 0n),
    providers: providersOf(data),
  }
}

/** Of all its chains, by what it relayed; null for one that relayed nothing. Rounded down: nobody is made better. */
export function qualityOfAll(work: readonly ChainWork[]): Ppm | null {
  const credits = sumOf(work.map((row) => row.credits))
  if (credits === 0n) return null
  return sumOf(work.map((row) => row.credits * row.qualityPpm)) / credits
}

/** A part of a whole in PPM, rounded down; null where there is no whole. */
export function shareOf(part: bigint, whole: bigint): Ppm | null {
  return whole === 0n ? null : mulDivDown(part, 1_000_000n, whole)
}

function chainSummary(
  { chain, charged, relayed }: EpochData['served'][number],
  performance: readonly NodePerformance[],
): ChainSummary {
  const rows = performance.filter(({ nodeId }) => nodeId > 0n)
  return {
    ...{ chain, charged, relayed, ...sumOfCounts(rows) },
    relayedByNodes: sumOf(rows.map(({ credits }) => credits)),
    nodes: new Map(rows.map(({ nodeId, credits }) => [nodeId, credits])),
  }
}

function providersOf(data: EpochData): Map<bigint, ProviderSummary> {
  const ownerOf = new Map(data.nodes.map(({ nodeId, providerId }) => [nodeId, providerId]))
  const groups = Map.groupBy(data.performance, ({ nodeId }) => ownerOf.get(nodeId) ?? 0n)
  // Of nobody's: no id is 0.
  groups.delete(0n)
  const earned = new Map(data.payouts.map(({ providerId, amount }) => [providerId, amount]))
  // Payouts keep everyone who ever earned something, also who has left.
  const ids = [...new Set([...groups.keys(), ...paidOf(data)])].sort((one, other) =>
    one < other ? -1 : 1,
  )
  return new Map(
    ids.map((id) => {
      const chains = Map.groupBy(groups.get(id) ?? [], ({ chain }) => chain)
      const work = [...chains].map(([chain, rows]) => workOf(chain, rows, data))
      return [id, { earned: earned.get(id) ?? 0n, work }]
    }),
  )
}

function paidOf({ payouts }: EpochData): bigint[] {
  return payouts.filter(({ amount }) => amount > 0n).map(({ providerId }) => providerId)
}

function workOf(
  chain: string,
  rows: readonly NodePerformance[],
  { quality }: EpochData,
): ChainWork {
  const counts = sumOfCounts(rows)
  return {
    ...{ chain, ...counts, credits: sumOf(rows.map(({ credits }) => credits)) },
    qualityPpm: qualityOf(counts, quality),
  }
}
