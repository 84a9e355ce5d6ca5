import { type Ppm, ppmScale, type TokenAmount } from '@mooring/protocol/units'
import { least, mulDivDown, sumOf } from '../economy/money/mul-div.ts'
import type { Credits } from '../metering/holding.ts'

/** Requests of one chain: what they were charged, and what the relays that nodes answered would have cost. */
export type ServedChain = { chain: string; charged: Credits; relayed: Credits }

/** What a provider did for one chain. */
export type ProviderWork = {
  providerId: bigint
  chain: string
  /** Of its relays, as far as both books and receipts have them. */
  credits: Credits
  qualityPpm: Ppm
}

export type PayoutInputs = {
  /** Providers' part of fees that no epoch has given away yet. */
  available: TokenAmount
  served: readonly ServedChain[]
  /** At most one of a provider and a chain; of a chain no more credits than were relayed. */
  work: readonly ProviderWork[]
}

/** `available` is always what was paid, withheld and left, to the unit. */
export type Payouts = {
  amounts: ReadonlyMap<bigint, TokenAmount>
  /** For answers out of the cache, by quality, for relays of upstreams that earn nothing, and by rounding; the treasury's. */
  withheld: TokenAmount
  /** Stays for the next epoch: all of it when nothing was charged, so that no payment is divided by nobody's work. */
  left: TokenAmount
}

/**
 * Pays for each credit relayed what is available for each credit charged, less what quality costs. What was charged and
 * relayed by nobody is withheld: divided by relays it would pay more for a relay than it costs, and whoever sends
 * requests to itself would gain at the cost of the others. Where more was relayed than charged, relays share what was
 * charged. Every part rounds down, so that nothing is promised twice.
 */
export function payoutsOf({ available, served, work }: PayoutInputs): Payouts {
  const chargedAll = sumOf(served.map(({ charged }) => charged))
  if (chargedAll === 0n) return { amounts: new Map(), withheld: 0n, left: available }
  const chains = new Map(served.map((row) => [row.chain, row]))
  const amounts = new Map<bigint, TokenAmount>()
  for (const { providerId, chain, credits, qualityPpm } of work) {
    const row = chains.get(chain)
    // Nothing was relayed there, so nobody can have relayed a part of it.
    if (row === undefined || row.relayed === 0n) continue
    const share = least(row.charged, row.relayed) * credits * qualityPpm
    const amount = mulDivDown(available, share, chargedAll * row.relayed * ppmScale)
    amounts.set(providerId, (amounts.get(providerId) ?? 0n) + amount)
  }
  return { amounts, withheld: available - sumOf(amounts.values()), left: 0n }
}

/** What a provider has earned over all epochs. */
export type Earned = { providerId: bigint; cumulative: TokenAmount }
export type Payout = Earned & {
  /** Of this epoch, and of those before it that were not posted. */
  amount: TokenAmount
}

/**
 * Adds payouts to what was earned before. A provider that earned nothing this time stays in the list: what it has not
 * been pushed yet is proven by the newest root.
 */
export function cumulated(
  before: readonly Earned[],
  amounts: ReadonlyMap<bigint, TokenAmount>,
): Payout[] {
  const earned = new Map(before.map(({ providerId, cumulative }) => [providerId, cumulative]))
  const ids = [...new Set([...earned.keys(), ...amounts.keys()])].sort((one, other) =>
    one < other ? -1 : 1,
  )
  return ids.map((providerId) => {
    const amount = amounts.get(providerId) ?? 0n
    return { providerId, amount, cumulative: (earned.get(providerId) ?? 0n) + amount }
  })
}
