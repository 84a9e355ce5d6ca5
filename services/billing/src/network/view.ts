import { sumOf } from '@mooring/market/economy/money/mul-div'
import type {
  NetworkDemand,
  NetworkEpoch,
  NetworkEpochs,
  NetworkMoment,
  NetworkProviderDetail,
} from '@mooring/protocol/reports/network'
import { demandOf } from './demand-view.ts'
import { type ClosedEpoch, type NetworkFacts, spanOf } from './facts.ts'
import { providerOf } from './provider-view.ts'

/** As it is told, but for the parts of a request. */
export type NetworkView = {
  at: NetworkMoment
  total: number
  /** By stake, most first; of two that have the same, the older one. */
  providers: readonly NetworkProviderDetail[]
  epochs: NetworkEpochs
  demand: NetworkDemand
}

/** @param aprEpochs - Of how many of the newest epochs a year's return is worked out. */
export function viewOf(facts: NetworkFacts, aprEpochs: number): NetworkView {
  const { block, seconds, epoch, total, providers } = facts.network
  const at = { block: String(block), seconds: Number(seconds), epoch: String(epoch) }
  const told = providers.map((provider) => ({ ...providerOf(facts, provider, aprEpochs), at }))
  return {
    ...{ at, total: Number(total), providers: told.sort(byStake) },
    epochs: { at, epochs: facts.epochs.map(epochOf) },
    demand: { at, ...demandOf(facts) },
  }
}

export type Place = { stake: bigint; id: bigint }

/** Most stake first, and then the lowest id. */
export function isAfter(one: Place, other: Place): boolean {
  return one.stake === other.stake ? one.id > other.id : one.stake < other.stake
}

export function placeOf({ stake, id }: { stake: string; id: string }): Place {
  return { stake: BigInt(stake), id: BigInt(id) }
}

function byStake(one: NetworkProviderDetail, other: NetworkProviderDetail): number {
  return isAfter(placeOf(one), placeOf(other)) ? 1 : -1
}

function epochOf(closed: ClosedEpoch): NetworkEpoch {
  const { chains, paid, withheld, providers } = closed.summary
  return {
    ...spanOf(closed),
    dataHash: closed.dataHash,
    charged: String(sumOf(chains.map(({ charged }) => charged))),
    chains: chains.map(({ chain, charged, relayed }) => ({
      ...{ chain, charged: String(charged), relayed: String(relayed) },
    })),
    ...{ paid: String(paid), withheld: String(withheld), providers: providers.size },
  }
}
