import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import { type Economy, valuesNow } from '@mooring/market/economy/economy'
import type { Account } from '@mooring/market/economy/ledger'
import { claimable } from '@mooring/market/economy/staking/position'
import { flowed, type RewardStream } from '@mooring/market/economy/staking/reward-stream'
import { activeValueOf } from '@mooring/market/economy/staking/share-bucket'
import {
  countedDelegation,
  delegatedTotal,
  type ProviderStake,
  positionOf,
  powerAt,
  stakeAt,
  stakeKinds,
} from '@mooring/market/economy/staking/staking-pool'
import { zeroAddress } from 'viem'
import { kindNumbers } from '../calls/contract-call.ts'
import { addressWith } from '../cast.ts'
import type { World } from '../world.ts'
import { type Row, type RowsOf, rowsFrom } from './row.ts'

/** Stake of both kinds behind every provider, every position in it, and the rewards on their way. */
export const poolRows: RowsOf = (world, economy) => {
  const { pool, registry } = economy
  const row = rowFor(world)
  return [
    row('delegatedTotal', [], delegatedTotal(pool)),
    row('indemnifier', [], pool.indemnifier?.account ?? zeroAddress),
    ...[...registry.providers.keys()].flatMap((providerId) => {
      const stake = stakeAt(pool, providerId, economy.now)
      return [
        ...bucketRows(world, stake, providerId),
        streamRow(world, economy, { stake, providerId }),
        row('countedDelegationOf', [providerId], countedNow(economy, stake)),
        ...holdersOf(world).flatMap((holder) =>
          positionRows(world, economy, { stake, providerId, holder }),
        ),
      ]
    }),
  ]
}

type Place = { stake: ProviderStake; providerId: bigint }

function bucketRows(world: World, { buckets }: ProviderStake, providerId: bigint): Row[] {
  const row = rowFor(world)
  const { shares } = buckets.Self
  return [
    ...stakeKinds.flatMap((kind) => [
      row('bucketOf', [providerId, kindNumbers[kind]], buckets[kind]),
      row('activeOf', [providerId, kindNumbers[kind]], buckets[kind].active),
    ]),
    // Self-stake belongs to the provider, which the pool writes as nobody.
    row('sharesOf', [providerId, kindNumbers.Self, zeroAddress], shares),
  ]
}

/** The contract settles a stream when shares change, the model whenever it looks: compared is what both come to now. */
function streamRow(world: World, economy: Economy, { stake, providerId }: Place): Row {
  const { reserve, stream, buckets } = stake
  return rowFor(world)('rewardsOf', [providerId], { reserve, ...withoutDate(stream) }, (answer) => {
    const [held, { accumulated, settledAt, end, rate, ...others }] = answer
    const stored: RewardStream = {
      ...others,
      accumulator: accumulated,
      ratePerSecond: rate,
      updatedSeconds: settledAt,
      endSeconds: end,
    }
    const flown = flowed(stored, buckets.Delegated.shares, economy.now)
    return { reserve: held, ...withoutDate(flown) }
  })
}

function withoutDate({ updatedSeconds: _, ...stream }: RewardStream) {
  return stream
}

function positionRows(
  world: World,
  { pool, now, params }: Economy,
  { stake, providerId, holder }: Place & { holder: Account },
): Row[] {
  const row = rowFor(world)
  const position = positionOf(stake, holder)
  const who = addressWith(holder)
  const delegated = kindNumbers.Delegated
  const value = activeValueOf(stake.buckets.Delegated, position.shares)
  const [{ start }] = params.clock
  // Votes look back: what was then is not what is now.
  const pasts = [now - 1n, (start + now) / 2n]
  return [
    row('sharesOf', [providerId, delegated, who], position.shares),
    row('stakeOf', [providerId, delegated, who], value),
    row('earnedRaysOf', [providerId, who], position.owed),
    row('earned', [providerId, who], claimable(position)),
    ...pasts.map((past) =>
      row('powerAt', [providerId, who, Number(past)], powerAt(pool, { providerId, holder }, past)),
    ),
  ]
}

function countedNow(economy: Economy, { buckets }: ProviderStake): bigint {
  const weights = { self: buckets.Self.active, delegated: buckets.Delegated.active }
  return countedDelegation(weights, valuesNow(economy).DelegationRatioMax)
}

/** Whoever may have delegated. */
export function holdersOf({ cast }: World): Account[] {
  return [...cast.delegators, cast.outsider]
}

function rowFor({ parts }: World) {
  return rowsFrom('pool', parts.pool, stakingPoolAbi)
}
