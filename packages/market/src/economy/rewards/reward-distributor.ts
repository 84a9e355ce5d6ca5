import type { TokenAmount } from '@mooring/protocol/units'

/** What a provider has been paid over all epochs, and the epoch of the last payment. */
export type PaidProvider = { paid: TokenAmount; lastEpoch: bigint }

export type RewardDistributor = {
  fundedTotal: TokenAmount
  paidTotal: TokenAmount
  withheldSwept: TokenAmount
  /** Providers that have been paid; others have no last epoch. */
  paid: ReadonlyMap<bigint, PaidProvider>
}

export const emptyDistributor: RewardDistributor = {
  fundedTotal: 0n,
  paidTotal: 0n,
  withheldSwept: 0n,
  paid: new Map(),
}
