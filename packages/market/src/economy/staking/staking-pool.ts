import type { Ppm, RayAmount, Seconds, SharesAmount, TokenAmount } from '@mooring/protocol/units'
import { withEntry } from '../entries.ts'
import { type History, recorded, valueAt } from '../history.ts'
import type { Account } from '../ledger.ts'
import { least, most, sumOf } from '../money/mul-div.ts'
import { type Earnings, emptyPosition, type Position, settledPosition } from './position.ts'
import { emptyStream, flowed, type RewardStream } from './reward-stream.ts'
import { activeValueOf, emptyBucket, type ShareBucket, totalOf } from './share-bucket.ts'

export const stakeKinds = ['Delegated', 'Self'] as const
export type StakeKind = (typeof stakeKinds)[number]

export type UnbondingRequest = {
  providerId: bigint
  kind: StakeKind
  /** Undefined for self-stake: the provider's owner of the day withdraws. */
  holder: Account | undefined
  withdrawableAt: Seconds
  generation: bigint
  shares: SharesAmount
}

export type StakeLock = {
  providerId: bigint
  kind: StakeKind
  amount: TokenAmount
  until: Seconds
}

/** Who covers this part of delegators' losses, as far as its balance reaches. */
export type Indemnifier = { account: Account; coverPpm: Ppm }

/** All that lies behind one provider. */
export type ProviderStake = {
  buckets: Readonly<Record<StakeKind, ShareBucket>>
  histories: Readonly<Record<StakeKind, History<ShareBucket> | undefined>>
  stream: RewardStream
  /** Rewards held: owed to delegators, on their way to them, or idle. */
  reserve: TokenAmount
  /** By generation of the delegated bucket: the accumulator when it ended. */
  finals: readonly RayAmount[]
  positions: ReadonlyMap<Account, Position>
  positionHistories: ReadonlyMap<Account, History<Position>>
}

export type StakingPool = {
  stakes: ReadonlyMap<bigint, ProviderStake>
  /** Open ones by number, counted from 1. */
  requests: ReadonlyMap<bigint, UnbondingRequest>
  requestCount: bigint
  locks: ReadonlyMap<string, StakeLock>
  /** Names of locks that were released; none is used again. */
  released: ReadonlySet<string>
  indemnifier: Indemnifier | undefined
  /** By holder: delegated and not withdrawn, losses not counted; what is leaving may still be taken back. */
  delegatedBy: ReadonlyMap<Account, TokenAmount>
}

export const emptyPool: StakingPool = {
  stakes: new Map(),
  requests: new Map(),
  requestCount: 0n,
  locks: new Map(),
  released: new Set(),
  indemnifier: undefined,
  delegatedBy: new Map(),
}

const emptyStake: ProviderStake = {
  buckets: { Delegated: emptyBucket, Self: emptyBucket },
  histories: { Delegated: undefined, Self: undefined },
  stream: emptyStream,
  reserve: 0n,
  finals: [],
  positions: new Map(),
  positionHistories: new Map(),
}

/** The stake behind a provider, with rewards streamed up to now. */
export function stakeAt(pool: StakingPool, providerId: bigint, now: Seconds): ProviderStake {
  const stake = pool.stakes.get(providerId) ?? emptyStake
  return { ...stake, stream: flowed(stake.stream, stake.buckets.Delegated.shares, now) }
}

/** A holder's position with its rewards; `stake` has streamed up to now. */
export function positionOf(stake: ProviderStake, holder: Account): Position {
  return settledPosition(stake.positions.get(holder) ?? emptyPosition, earningsOf(stake))
}

export function withStake(
  pool: StakingPool,
  providerId: bigint,
  stake: ProviderStake,
): StakingPool {
  return { ...pool, stakes: withEntry(pool.stakes, providerId, stake) }
}

export function withBucket(
  stake: ProviderStake,
  kind: StakeKind,
  { bucket, now }: { bucket: ShareBucket; now: Seconds },
): ProviderStake {
  const history = recorded(stake.histories[kind], now, bucket)
  return {
    ...stake,
    buckets: { ...stake.buckets, [kind]: bucket },
    histories: { ...stake.histories, [kind]: history },
  }
}

export function withPosition(
  stake: ProviderStake,
  holder: Account,
  { position, now }: { position: Position; now: Seconds },
): ProviderStake {
  const history = recorded(stake.positionHistories.get(holder), now, position)
  return {
    ...stake,
    positions: withEntry(stake.positions, holder, position),
    positionHistories: withEntry(stake.positionHistories, holder, history),
  }
}

export function activeOf(pool: StakingPool, providerId: bigint, kind: StakeKind): TokenAmount {
  return (pool.stakes.get(providerId) ?? emptyStake).buckets[kind].active
}

/** Active stake at a past second, changes of that second included. */
export function activeAt(
  pool: StakingPool,
  { providerId, kind }: { providerId: bigint; kind: StakeKind },
  at: Seconds,
): TokenAmount {
  const { histories } = pool.stakes.get(providerId) ?? emptyStake
  return valueAt(histories[kind], at)?.active ?? 0n
}

/** A holder's active delegation at a past second; rounds down. */
export function powerAt(
  pool: StakingPool,
  { providerId, holder }: { providerId: bigint; holder: Account },
  at: Seconds,
): TokenAmount {
  const { histories, positionHistories } = pool.stakes.get(providerId) ?? emptyStake
  const bucket = valueAt(histories.Delegated, at) ?? emptyBucket
  const position = valueAt(positionHistories.get(holder), at) ?? emptyPosition
  if (position.generation !== bucket.generation) return 0n
  return activeValueOf(bucket, position.shares)
}

/** Delegation that counts for votes: a thin self-stake cannot carry a huge pool. */
export function countedDelegation(
  stake: { self: TokenAmount; delegated: TokenAmount },
  ratioMax: bigint,
): TokenAmount {
  return least(stake.delegated, stake.self * ratioMax)
}

/**
 * Delegation that counts beside self-stake when rewards are shared. Without self-stake it is all there is, or a provider
 * could take everything by unbonding its stake over the last second of an epoch.
 */
export function earningDelegation(
  stake: { self: TokenAmount; delegated: TokenAmount },
  ratioMax: bigint,
): TokenAmount {
  return stake.self === 0n ? stake.delegated : countedDelegation(stake, ratioMax)
}

/** All delegation, active and unbonding, behind all providers. */
export function delegatedTotal(pool: StakingPool): TokenAmount {
  return sumOf([...pool.stakes.values()].map(({ buckets }) => totalOf(buckets.Delegated)))
}

export function delegatedBy(pool: StakingPool, holder: Account): TokenAmount {
  return pool.delegatedBy.get(holder) ?? 0n
}

/** The last of all requests is paid what rounding has left of the others: then nothing is left to count. */
export function withDelegatedBy(pool: StakingPool, holder: Account, change: bigint): StakingPool {
  const amount = most(delegatedBy(pool, holder) + change, 0n)
  return { ...pool, delegatedBy: withEntry(pool.delegatedBy, holder, amount) }
}

/** Numbers of the open requests of one holder, or of self-stake, behind one provider. */
export function openRequestsOf(
  pool: StakingPool,
  of: { providerId: bigint; kind: StakeKind; holder: Account | undefined },
): bigint[] {
  return [...pool.requests]
    .filter(([, { providerId, kind, holder }]) => {
      return providerId === of.providerId && kind === of.kind && holder === of.holder
    })
    .map(([id]) => id)
}

function earningsOf({ buckets, stream, finals }: ProviderStake): Earnings {
  const { generation } = buckets.Delegated
  return { generation, accumulator: stream.accumulator, finals }
}
