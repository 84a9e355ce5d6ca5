import type { TokenAmount } from '@mooring/protocol/units'
import { type Economy, type NoArgs, requireRole, type Verb, valuesNow } from '../economy.ts'
import { type Account, burned, deadAddress, given, nobody, received, surplusOf } from '../ledger.ts'
import { type FeeBucket, feeBuckets, splitFee } from '../payments/fee-split.ts'
import { refuseIf } from '../refused.ts'

/** Books and splits what has arrived since the last call. Anyone may call; without arrivals nothing happens. */
export const route: Verb<NoArgs> = (economy) => routeArrived(economy)

export type ReleaseBucketArgs = { bucket: FeeBucket }

export const releaseBucket: Verb<ReleaseBucketArgs> = (economy, _caller, { bucket }) => {
  const { router } = economy
  const amount = router.accrued[bucket]
  refuseIf({ FeeRouterZeroAmount: amount === 0n })
  const to = router.recipients[bucket]
  const accrued = { ...router.accrued, [bucket]: 0n }
  const ledger = given(economy.ledger, { token: 'ankr', from: 'feeRouter', to, amount })
  return { ...economy, router: { ...router, accrued }, ledger }
}

export type SetRecipientArgs = { bucket: FeeBucket; to: Account }

export const setRecipient: Verb<SetRecipientArgs> = (economy, caller, { bucket, to }) => {
  requireRole(economy, 'governor', caller)
  refuseIf({ FeeRouterZeroAddress: to === nobody })
  const recipients = { ...economy.router.recipients, [bucket]: to }
  return { ...economy, router: { ...economy.router, recipients } }
}

/** Books all the distributor has been sent as providers' part. Anyone may call. */
export const fund: Verb<NoArgs> = (economy) => {
  const arrived = surplusOf(economy.ledger, 'ankr', 'rewardDistributor')
  refuseIf({ RewardDistributorNothingArrived: arrived === 0n })
  return funded(economy)
}

export function routeArrived(economy: Economy): Economy {
  const booked = stableBooked(economy)
  const amount = surplusOf(booked.ledger, 'ankr', 'feeRouter')
  if (amount === 0n) return booked
  const ledger = received(booked.ledger, { token: 'ankr', to: 'feeRouter', amount })
  return splitBooked({ ...booked, ledger }, amount)
}

/** Stablecoin that has arrived waits for an auction. */
export function stableBooked(economy: Economy): Economy {
  const { ledger, router } = economy
  const amount = surplusOf(ledger, 'stable', 'feeRouter')
  const stablePending = router.stablePending + amount
  const booked = received(ledger, { token: 'stable', to: 'feeRouter', amount })
  return { ...economy, router: { ...router, stablePending }, ledger: booked }
}

/** Splits ANKR the router has booked: what is not kept in buckets leaves at once. */
export function splitBooked(economy: Economy, amount: TokenAmount): Economy {
  const { router } = economy
  const { providers, burn, buckets } = splitFee(amount, valuesNow(economy))
  const accrued = { ...router.accrued }
  for (const bucket of feeBuckets) accrued[bucket] += buckets[bucket]
  const pay = { token: 'ankr', from: 'feeRouter' } as const
  const paid = given(economy.ledger, { ...pay, to: 'rewardDistributor', amount: providers })
  const sink = router.ankrBurnable ? burned : deadAddress
  const ledger = given(paid, { ...pay, to: sink, amount: burn })
  const providersTotal = router.providersTotal + providers
  return funded({ ...economy, router: { ...router, accrued, providersTotal }, ledger })
}

function funded(economy: Economy): Economy {
  const { ledger, distributor } = economy
  const amount = surplusOf(ledger, 'ankr', 'rewardDistributor')
  const fundedTotal = distributor.fundedTotal + amount
  return {
    ...economy,
    ledger: received(ledger, { token: 'ankr', to: 'rewardDistributor', amount }),
    distributor: { ...distributor, fundedTotal },
  }
}
