import type { SharesAmount, TokenAmount } from '@mooring/protocol/units'
import { type Economy, type Verb, valuesNow } from '../economy.ts'
import { withEntry, withoutEntry } from '../entries.ts'
import { type Account, given } from '../ledger.ts'
import { known, type Problems, refuseIf } from '../refused.ts'
import {
  activeValueOf,
  cancelled,
  type ShareBucket,
  totalOf,
  unbondingValueOf,
  unstaked,
  withdrawn,
} from '../staking/share-bucket.ts'
import {
  openRequestsOf,
  type ProviderStake,
  positionOf,
  type StakeKind,
  stakeAt,
  type UnbondingRequest,
  withBucket,
  withDelegatedBy,
  withPosition,
  withStake,
} from '../staking/staking-pool.ts'
import { drainUncovered } from './self-stake.ts'
import { ownerCheck, stakedProvider } from './staked-provider.ts'

export type UnstakeArgs = {
  providerId: bigint
  kind: StakeKind
  shares: SharesAmount
  amountMin: TokenAmount
}

export const unstake: Verb<UnstakeArgs> = (economy, caller, args) => {
  const { providerId, kind, shares, amountMin } = args
  const { pool, now } = economy
  stakedProvider(economy, providerId)
  const stake = stakeAt(pool, providerId, now)
  const position = positionOf(stake, caller)
  const held = kind === 'Self' ? stake.buckets.Self.shares : position.shares
  refuseIf({
    ...(kind === 'Self' ? ownerCheck(economy, caller, providerId) : {}),
    StakingPoolZeroAmount: shares === 0n,
    StakingPoolInsufficientShares: held < shares,
  })
  const { bucket, amount, unbondingShares } = unstaked(stake.buckets[kind], shares)
  const holder = kind === 'Self' ? undefined : caller
  const values = valuesNow(economy)
  const open = openRequestsOf(pool, { providerId, kind, holder }).length
  refuseIf({
    SharePoolTooLittle: amount === 0n || unbondingShares === 0n,
    StakingPoolTooFewTokens: amount < amountMin,
    StakingPoolTooManyRequests: BigInt(open) >= values.UnbondingRequestsMax,
    StakingPoolBelowMinimum: kind === 'Delegated' && leavesTooLittle(bucket, held - shares, values),
  })
  const seconds = kind === 'Self' ? values.UnbondingSelfSeconds : values.UnbondingDelegatorSeconds
  const request: UnbondingRequest = {
    providerId,
    kind,
    holder,
    withdrawableAt: now + seconds,
    generation: bucket.unbondingGeneration,
    shares: unbondingShares,
  }
  const lessened = withBucket(stake, kind, { bucket, now })
  const smaller = { ...position, shares: held - shares }
  const after =
    kind === 'Self' ? lessened : withPosition(lessened, caller, { position: smaller, now })
  const requestCount = pool.requestCount + 1n
  const requests = withEntry(pool.requests, requestCount, request)
  const unbonding = { ...withStake(pool, providerId, after), requests, requestCount }
  const left = { ...economy, pool: unbonding }
  return kind === 'Self' ? drainUncovered(left, providerId) : left
}

export type CancelUnbondingArgs = { requestId: bigint; sharesMin: SharesAmount }

export const cancelUnbonding: Verb<CancelUnbondingArgs> = (economy, caller, args) => {
  const { pool, now } = economy
  const request = requestOf(economy, args.requestId)
  const { providerId, kind } = request
  const stake = stakeAt(pool, providerId, now)
  refuseIf(holderCheck(economy, caller, request))
  const { bucket, shares } = cancelled(stake.buckets[kind], liveShares(stake, request))
  const isOver = request.generation !== stake.buckets[kind].unbondingGeneration
  refuseIf({
    StakingPoolZeroAmount: isOver,
    SharePoolTooLittle: shares === 0n,
    StakingPoolTooFewShares: shares < args.sharesMin,
  })
  const grown = withBucket(stake, kind, { bucket, now })
  const position = positionOf(stake, caller)
  const larger = { ...position, shares: position.shares + shares }
  const after = kind === 'Self' ? grown : withPosition(grown, caller, { position: larger, now })
  const requests = withoutEntry(pool.requests, args.requestId)
  return { ...economy, pool: { ...withStake(pool, providerId, after), requests } }
}

export type WithdrawArgs = { requestId: bigint; to: Account }

export const withdraw: Verb<WithdrawArgs> = (economy, caller, { requestId, to }) => {
  const { pool, now } = economy
  const request = requestOf(economy, requestId)
  const { providerId, kind, withdrawableAt } = request
  const stake = stakeAt(pool, providerId, now)
  const { bucket, amount } = withdrawn(stake.buckets[kind], liveShares(stake, request))
  refuseIf({
    ...holderCheck(economy, caller, request),
    StakingPoolStillUnbonding: now < withdrawableAt,
    StakingPoolLocked: amount > 0n && totalOf(bucket) < bucket.locked,
  })
  const after = withBucket(stake, kind, { bucket, now })
  const requests = withoutEntry(pool.requests, requestId)
  const paid = { ...withStake(pool, providerId, after), requests }
  return {
    ...economy,
    pool: kind === 'Self' ? paid : withDelegatedBy(paid, caller, -amount),
    ledger: given(economy.ledger, { token: 'ankr', from: 'stakingPool', to, amount }),
  }
}

/** What a request would pay now. */
export function requestValue({ pool, now }: Economy, request: UnbondingRequest): TokenAmount {
  const stake = stakeAt(pool, request.providerId, now)
  return unbondingValueOf(stake.buckets[request.kind], liveShares(stake, request))
}

function requestOf({ pool }: Economy, requestId: bigint): UnbondingRequest {
  return known(pool.requests.get(requestId), 'StakingPoolUnknownRequest')
}

function holderCheck(economy: Economy, caller: Account, request: UnbondingRequest): Problems {
  const holder = request.holder ?? stakedProvider(economy, request.providerId).owner
  return { StakingPoolNotHolder: holder !== caller }
}

/** A request of a generation that is over owns nothing of the next. */
function liveShares({ buckets }: ProviderStake, request: UnbondingRequest): SharesAmount {
  return buckets[request.kind].unbondingGeneration === request.generation ? request.shares : 0n
}

function leavesTooLittle(
  bucket: ShareBucket,
  shares: SharesAmount,
  { DelegationMin }: { DelegationMin: TokenAmount },
): boolean {
  return shares > 0n && activeValueOf(bucket, shares) < DelegationMin
}
