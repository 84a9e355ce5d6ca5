import { type Ppm, ppmScale, type TokenAmount } from '@mooring/protocol/units'
import { least, mulDivDown, partDown, sumOf } from '../economy/money/mul-div.ts'
import type { Hex } from './bytes.ts'

/** What one auditor's canaries found of a node and a chain in an epoch: requests that look like anybody's. */
export type CanaryResult = {
  auditor: Hex
  nodeId: bigint
  chain: string
  sent: bigint
  /** Of those sent, answered rightly and in time. */
  passed: bigint
}

/** A node that takes requests without a key, by its provider's own word. */
export type CommunityNode = { nodeId: bigint; providerId: bigint }

export type CommunityRule = {
  /** Most that the treasury gives in an epoch; 0 where there is no such bucket. */
  cap: TokenAmount
  /** Part of the cap that one provider gets at the most. */
  providerMaxPpm: Ppm
  /** Fewer canaries of one auditor to a node and chain say nothing. */
  probesMin: bigint
  /** With fewer auditors that have something to say nothing is paid; with three or more, one that lies decides nothing. */
  auditorsMin: bigint
  /** A node that passes a smaller part of a chain's canaries gets nothing for that chain. */
  passFloorPpm: Ppm
}

export const defaultCommunityRule: Omit<CommunityRule, 'cap'> = {
  providerMaxPpm: 200_000n,
  probesMin: 50n,
  auditorsMin: 3n,
  passFloorPpm: 950_000n,
}

/** The cap is always what was given and what was not, to the unit. */
export type CommunityPay = { amounts: ReadonlyMap<bigint, TokenAmount>; unspent: TokenAmount }

/**
 * Divides the treasury's bucket for community traffic by the part of canaries that nodes have passed. How much traffic there
 * was is nowhere in it, so none can be sent to gain by it. Every part rounds down.
 */
export function communityPayOf(
  nodes: readonly CommunityNode[],
  results: readonly CanaryResult[],
  rule: CommunityRule,
): CommunityPay {
  const providers = new Map(nodes.map(({ nodeId, providerId }) => [nodeId, providerId]))
  const weights = new Map<bigint, Ppm>()
  for (const { nodeId, rates } of ratesOf(results, rule)) {
    const providerId = providers.get(nodeId)
    const passed = BigInt(rates.length) >= rule.auditorsMin ? lowerMedian(rates) : 0n
    if (providerId === undefined || passed === 0n || passed < rule.passFloorPpm) continue
    weights.set(providerId, (weights.get(providerId) ?? 0n) + passed)
  }
  const all = sumOf(weights.values())
  const most = partDown(rule.cap, rule.providerMaxPpm)
  const amounts = new Map(
    [...weights].map(([id, weight]) => [id, least(most, mulDivDown(rule.cap, weight, all))]),
  )
  return { amounts, unspent: rule.cap - sumOf(amounts.values()) }
}

type Rates = { nodeId: bigint; rates: Ppm[] }

/** What each auditor with enough canaries says of each node and chain. Several results of one auditor are one. */
function ratesOf(results: readonly CanaryResult[], { probesMin }: CommunityRule): Rates[] {
  const sums = new Map<string, CanaryResult>()
  for (const result of results) {
    const { auditor, nodeId, chain, sent, passed } = result
    if (passed < 0n || passed > sent) {
      throw new RangeError(`${passed} of ${sent} canaries cannot have passed`)
    }
    const key = `${nodeId} ${chain} ${auditor}`
    const known = sums.get(key) ?? { ...result, sent: 0n, passed: 0n }
    sums.set(key, { ...known, sent: known.sent + sent, passed: known.passed + passed })
  }
  const groups = new Map<string, Rates>()
  for (const { nodeId, chain, sent, passed } of sums.values()) {
    if (sent === 0n || sent < probesMin) continue
    const key = `${nodeId} ${chain}`
    const group = groups.get(key) ?? { nodeId, rates: [] }
    group.rates.push(mulDivDown(passed, ppmScale, sent))
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Of an even number the lower one of the two in the middle, so that one more voice never raises it over all others. */
function lowerMedian(rates: readonly Ppm[]): Ppm {
  const sorted = rates.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0))
  return sorted[(sorted.length - 1) >> 1] ?? 0n
}
