import type { PostedRate } from '@mooring/store/ledger/escrow-events'

/** A block by which a rate is looked up. */
export type Moment = { blockNumber: bigint; timeMs: number }

/**
 * The rate that a deposit is credited by: the one in force in its block. Where that was stale already, the first one
 * posted afterwards, for a price nobody stood behind may be far from the truth.
 *
 * @param rates - In the order of the chain.
 * @returns USD per ANKR times 1e18; undefined where it must be waited for.
 */
export function rateAt(
  rates: readonly PostedRate[],
  { blockNumber, timeMs }: Moment,
  staleMs: number,
): bigint | undefined {
  const at = rates.findLastIndex((rate) => rate.blockNumber <= blockNumber)
  const inForce = rates[at]
  if (inForce !== undefined && timeMs - inForce.postedAtMs <= staleMs) return inForce.usdPerAnkr
  return rates[at + 1]?.usdPerAnkr
}
