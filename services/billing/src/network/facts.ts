import type { EpochSummary } from '@mooring/market/network/epoch-summary'
import type { EarningTerms, NetworkOnChain } from '@mooring/onchain/network-on-chain'
import type { EpochSpanReport, EpochState } from '@mooring/protocol/reports/network'

export type ClosedEpoch = { dataHash: string; state: EpochState; summary: EpochSummary }

/** All that the network's pages are made of. */
export type NetworkFacts = {
  network: NetworkOnChain
  /** Newest first. */
  epochs: readonly ClosedEpoch[]
  /** By `earningKey`. */
  earnings: ReadonlyMap<string, EarningTerms>
}

export function earningKey(of: { providerId: bigint; firstEpoch: bigint; epoch: bigint }): string {
  return `${of.providerId} ${of.firstEpoch} ${of.epoch}`
}

export function spanOf({ summary, state }: ClosedEpoch): EpochSpanReport {
  const { number, firstEpoch, from, to } = summary
  return {
    ...{ epoch: String(number), firstEpoch: String(firstEpoch) },
    ...{ from: Number(from), to: Number(to), state },
  }
}
