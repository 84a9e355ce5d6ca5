import type { TokenAmount } from '@mooring/protocol/units'

const oneAnkr = 10n ** 18n

/** Who takes part in the story of a marketplace, and how much of it there is. */
export type MarketPlan = {
  /** Accounts that deposit and send requests. */
  customers: number
  depositTokens: TokenAmount
  gateways: number
  providers: readonly ProviderPlan[]
  /** Epochs with traffic. */
  epochs: number
  /** Requests of each account in each of them, part of them answered by the cache. */
  requestsEach: number
}

export type ProviderPlan = {
  name: string
  /** What people read of it. */
  does: string
  commissionPpm: bigint
  /** What each of its delegators stakes. */
  delegations: readonly TokenAmount[]
  /** How late its node answers. */
  delayMs?: number
  /** Its node takes no requests in this epoch of the story, counted from 1. */
  offlineIn?: number
  /** Its node serves a chain that nobody asks for. */
  isIdle?: true
}

const providers: readonly ProviderPlan[] = [
  {
    name: 'alpha',
    does: 'serves well',
    commissionPpm: 100_000n,
    delegations: [20_000n * oneAnkr, 5_000n * oneAnkr],
  },
  {
    name: 'bravo',
    does: 'answers 150 ms late',
    commissionPpm: 50_000n,
    delegations: [10_000n * oneAnkr],
    delayMs: 150,
  },
  {
    name: 'charlie',
    does: 'is offline for an epoch',
    commissionPpm: 0n,
    delegations: [40_000n * oneAnkr],
    offlineIn: 2,
  },
  {
    name: 'delta',
    does: 'is asked for nothing',
    commissionPpm: 200_000n,
    delegations: [],
    isIdle: true,
  },
]

/** What `mooring demo market` shows. */
export const wholePlan: MarketPlan = {
  customers: 3,
  depositTokens: 2_000n * oneAnkr,
  gateways: 2,
  providers,
  epochs: 4,
  requestsEach: 600,
}

/** The same in the suite. */
export const shortPlan: MarketPlan = { ...wholePlan, epochs: 2, requestsEach: 100 }
