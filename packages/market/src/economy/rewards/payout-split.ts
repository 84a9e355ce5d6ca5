import type { Ppm, TokenAmount } from '@mooring/protocol/units'
import { mulDivDown, partDown } from '../money/mul-div.ts'

export type PayoutSplit = { toProvider: TokenAmount; toDelegators: TokenAmount }

/**
 * Splits a provider's earnings: commission off the top, the rest by stake. Both named parts round down and
 * delegators take what is left, so they never pay for rounding; without any weight of theirs the provider does.
 */
export function splitPayout(
  amount: TokenAmount,
  commissionPpm: Ppm,
  weight: { self: TokenAmount; counted: TokenAmount },
): PayoutSplit {
  if (weight.counted === 0n) return { toProvider: amount, toDelegators: 0n }
  const commission = partDown(amount, commissionPpm)
  const forSelf = mulDivDown(amount - commission, weight.self, weight.self + weight.counted)
  const toProvider = commission + forSelf
  return { toProvider, toDelegators: amount - toProvider }
}
