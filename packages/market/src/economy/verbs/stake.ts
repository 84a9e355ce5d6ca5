import type { SharesAmount, TokenAmount } from '@mooring/protocol/units'
import { type Economy, epochNow, type Verb, valuesNow } from '../economy.ts'
import { type Account, given, taken } from '../ledger.ts'
import { type Problems, refuseIf } from '../refused.ts'
import { isJailed } from '../registry/provider-registry.ts'
import { claimable, claimed } from '../staking/position.ts'
import { activeValueOf, staked } from '../staking/share-bucket.ts'
import {
  delegatedBy,
  delegatedTotal,
  positionOf,
  type StakeKind,
  stakeAt,
  withBucket,
  withDelegatedBy,
  withPosition,
  withStake,
} from '../staking/staking-pool.ts'
import { ownerCheck, stakedProvider } from './staked-provider.ts'

export type StakeArgs = {
  providerId: bigint
  kind: StakeKind
  amount: TokenAmount
  sharesMin: SharesAmount
  /** How the pool is allowed to take the tokens; the result is the same. */
  way: 'approval' | 'permit'
}

export const stake: Verb<StakeArgs> = (economy, caller, args) => {
  const added = withMoreStake(economy, caller, args)
  const { amount } = args
  const ledger = taken(economy.ledger, { token: 'ankr', from: caller, to: 'stakingPool', amount })
  return { ...added, ledger }
}

export type ClaimArgs = { providerId: bigint; to: Account }

export const claim: Verb<ClaimArgs> = (economy, caller, { providerId, to }) => {
  const { economy: after, amount } = withoutReward(economy, caller, providerId)
  const ledger = given(after.ledger, { token: 'ankr', from: 'stakingPool', to, amount })
  return { ...after, ledger }
}

export type RestakeArgs = { providerId: bigint; sharesMin: SharesAmount }

/** The reward becomes principal without leaving the pool. */
export const claimAndRestake: Verb<RestakeArgs> = (economy, caller, { providerId, sharesMin }) => {
  const { economy: after, amount } = withoutReward(economy, caller, providerId)
  return withMoreStake(after, caller, { providerId, kind: 'Delegated', amount, sharesMin })
}

export type IdleArgs = { providerId: bigint }

/** What streamed while nobody delegated is the provider's. Anyone may call. */
export const payIdleReward: Verb<IdleArgs> = (economy, _caller, { providerId }) => {
  const provider = stakedProvider(economy, providerId)
  const stake = stakeAt(economy.pool, providerId, economy.now)
  const amount = stake.stream.idle
  refuseIf({ StakingPoolNothingToClaim: amount === 0n })
  const stream = { ...stake.stream, idle: 0n }
  const paid = { ...stake, stream, reserve: stake.reserve - amount }
  const to = provider.rewardsTo
  return {
    ...economy,
    pool: withStake(economy.pool, providerId, paid),
    ledger: given(economy.ledger, { token: 'ankr', from: 'stakingPool', to, amount }),
  }
}

function withoutReward(
  economy: Economy,
  holder: Account,
  providerId: bigint,
): { economy: Economy; amount: TokenAmount } {
  const { now, pool } = economy
  const stake = stakeAt(pool, providerId, now)
  const position = positionOf(stake, holder)
  const amount = claimable(position)
  refuseIf({ StakingPoolNothingToClaim: amount === 0n })
  const paid = withPosition(stake, holder, { position: claimed(position), now })
  const reserve = stake.reserve - amount
  const after = { ...economy, pool: withStake(pool, providerId, { ...paid, reserve }) }
  return { economy: after, amount }
}

type Added = Omit<StakeArgs, 'way'>

function withMoreStake(economy: Economy, holder: Account, added: Added): Economy {
  const { providerId, kind, amount, sharesMin } = added
  const { pool, now } = economy
  stakedProvider(economy, providerId)
  const stake = stakeAt(pool, providerId, now)
  const { bucket, shares } = staked(stake.buckets[kind], amount)
  const isSelf = kind === 'Self'
  const grown = withBucket(stake, kind, { bucket, now })
  const position = positionOf(stake, holder)
  const larger = { ...position, shares: position.shares + shares }
  // What is put in counts whole: nobody misses the minimum by the rounding of its shares.
  const value = activeValueOf(stake.buckets[kind], position.shares) + amount
  refuseIf({
    StakingPoolZeroAmount: amount === 0n,
    SharePoolTooLittle: shares === 0n,
    ...(isSelf
      ? ownerCheck(economy, holder, providerId)
      : delegationProblems(economy, holder, { ...added, value })),
    StakingPoolTooFewShares: shares < sharesMin,
  })
  if (isSelf) return { ...economy, pool: withStake(pool, providerId, grown) }
  const owned = withPosition(grown, holder, { position: larger, now })
  return { ...economy, pool: withDelegatedBy(withStake(pool, providerId, owned), holder, amount) }
}

/** A delegation must be worth its trouble, and during the initial period there is a limit to all of them. */
function delegationProblems(
  economy: Economy,
  holder: Account,
  { providerId, amount, value }: Added & { value: TokenAmount },
): Problems {
  const { pool, now } = economy
  const values = valuesNow(economy)
  const isCapped = epochNow(economy) < values.DelegationCapEndEpoch
  return {
    StakingPoolProviderJailed: isJailed(stakedProvider(economy, providerId), now),
    StakingPoolBelowMinimum: value < values.DelegationMin,
    StakingPoolCapReached:
      isCapped &&
      (delegatedTotal(pool) + amount > values.DelegationCapTotal ||
        delegatedBy(pool, holder) + amount > values.DelegationCapPerAddress),
  }
}
