import type { Ppm, TokenAmount } from '@mooring/protocol/units'
import { type Economy, type NoArgs, type Verb, valuesNow } from '../economy.ts'
import { withEntry } from '../entries.ts'
import { given, received } from '../ledger.ts'
import { least } from '../money/mul-div.ts'
import { epochStart } from '../parameters/epoch-clock.ts'
import { known, Refused, refuseIf } from '../refused.ts'
import { commissionAt, type RegisteredProvider } from '../registry/provider-registry.ts'
import { isActive, latestActiveOf, type PayoutLeaf } from '../rewards/epochs.ts'
import { type PayoutSplit, splitPayout } from '../rewards/payout-split.ts'
import { refilled } from '../staking/reward-stream.ts'
import { activeAt, earningDelegation, stakeAt, withStake } from '../staking/staking-pool.ts'

export type PushArgs = PayoutLeaf & { epoch: bigint }

/** Pays a provider what is new in its leaf. Anyone may push. */
export const push: Verb<PushArgs> = (economy, _caller, args) => {
  const { providerId, epoch, cumulative } = args
  const { distributor } = economy
  const amount = dueOf(economy, args)
  const { toProvider, toDelegators } = splitOf(economy, args, amount)
  const { rewardsTo } = payee(economy, providerId)
  const paid = withEntry(distributor.paid, providerId, { paid: cumulative, lastEpoch: epoch })
  const paidTotal = distributor.paidTotal + amount
  const pay = { token: 'ankr', from: 'rewardDistributor' } as const
  const ledger = given(economy.ledger, { ...pay, to: rewardsTo, amount: toProvider })
  const after = { ...economy, distributor: { ...distributor, paid, paidTotal }, ledger }
  return toDelegators === 0n ? after : withReward(after, providerId, toDelegators)
}

export type PushManyArgs = { payouts: readonly PushArgs[] }

/** A payout that is not due is skipped, so that it cannot stop the others. */
export const pushMany: Verb<PushManyArgs> = (economy, caller, { payouts }) => {
  let after = economy
  for (const payout of payouts) {
    try {
      after = push(after, caller, payout)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
  }
  return after
}

/** What quality withheld goes to the treasury bucket's recipient. Anyone may call. */
export const sweepWithheld: Verb<NoArgs> = (economy) => {
  const { distributor, ledger, router } = economy
  const total = latestActiveOf(economy.epochs, economy.now)?.withheldTotal ?? 0n
  refuseIf({ RewardDistributorNothingWithheld: total <= distributor.withheldSwept })
  const amount = total - distributor.withheldSwept
  const to = router.recipients.Treasury
  return {
    ...economy,
    distributor: { ...distributor, withheldSwept: total },
    ledger: given(ledger, { token: 'ankr', from: 'rewardDistributor', to, amount }),
  }
}

function dueOf(economy: Economy, { providerId, epoch, cumulative }: PushArgs): TokenAmount {
  const { epochs, now, distributor } = economy
  const roots = epochs.posted.find((posted) => posted.epoch === epoch)
  const last = distributor.paid.get(providerId)
  const paid = last?.paid ?? 0n
  const leaves = roots?.leaves ?? []
  refuseIf({
    RewardDistributorUnknownProvider: !economy.registry.providers.has(providerId),
    RewardDistributorNotActive: roots === undefined || !isActive(roots, now),
    RewardDistributorBadProof:
      roots !== undefined && !leaves.some((leaf) => isLeaf(leaf, { providerId, cumulative })),
    RewardDistributorEpochBehind: last !== undefined && epoch < last.lastEpoch,
    RewardDistributorNothingNew: cumulative <= paid,
  })
  const amount = cumulative - paid
  const payoutsTotal = latestActiveOf(epochs, now)?.payoutsTotal ?? 0n
  refuseIf({ RewardDistributorOverspent: distributor.paidTotal + amount > payoutsTotal })
  return amount
}

function splitOf(
  economy: Economy,
  { providerId, epoch }: PushArgs,
  amount: TokenAmount,
): PayoutSplit {
  const { pool } = economy
  // Stake as the epoch ends stood behind its work; changes in that second count.
  const at = epochStart(economy.params.clock, epoch + 1n)
  const self = activeAt(pool, { providerId, kind: 'Self' }, at)
  const delegated = activeAt(pool, { providerId, kind: 'Delegated' }, at)
  const ratioMax = valuesNow(economy).DelegationRatioMax
  const counted = earningDelegation({ self, delegated }, ratioMax)
  return splitPayout(amount, commissionOf(economy, providerId, epoch), { self, counted })
}

/** Commission of the epoch's start or of the first unpaid epoch's, the lower, so that waiting never gains. */
function commissionOf(economy: Economy, providerId: bigint, epoch: bigint): Ppm {
  const provider = payee(economy, providerId)
  const last = economy.distributor.paid.get(providerId)
  const oldest = economy.epochs.posted[0]?.epoch ?? epoch
  const firstUnpaid = least(last === undefined ? oldest : last.lastEpoch + 1n, epoch)
  return least(commissionAt(provider, firstUnpaid), commissionAt(provider, epoch))
}

/** The delegators' part joins their stream. */
function withReward(economy: Economy, providerId: bigint, amount: TokenAmount): Economy {
  const { pool, now } = economy
  const pay = { token: 'ankr', from: 'rewardDistributor', to: 'stakingPool', amount } as const
  const ledger = received(given(economy.ledger, pay), pay)
  const stake = stakeAt(pool, providerId, now)
  const epochSeconds = valuesNow(economy).EpochSeconds
  const stream = refilled(stake.stream, amount, { now, epochSeconds })
  const reserve = stake.reserve + amount
  return { ...economy, pool: withStake(pool, providerId, { ...stake, stream, reserve }), ledger }
}

function payee({ registry }: Economy, providerId: bigint): RegisteredProvider {
  return known(registry.providers.get(providerId), 'RewardDistributorUnknownProvider')
}

function isLeaf(leaf: PayoutLeaf, { providerId, cumulative }: PayoutLeaf): boolean {
  return leaf.providerId === providerId && leaf.cumulative === cumulative
}
