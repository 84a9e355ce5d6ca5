import { type RayAmount, rayScale, type TokenAmount } from '@mooring/protocol/units'
import type { Economy } from './economy.ts'
import { balanceOf, type Holder, heldBy, type Token, tokens } from './ledger.ts'
import { sumOf } from './money/mul-div.ts'
import { holderOf } from './payments/escrow.ts'
import { unstreamed } from './staking/reward-stream.ts'
import { totalOf } from './staking/share-bucket.ts'
import {
  type ProviderStake,
  positionOf,
  type StakeKind,
  stakeAt,
  stakeKinds,
} from './staking/staking-pool.ts'

/** What one contract has of one token, and what it owes, added up from its smallest entries. */
export type Book = {
  holder: Holder
  token: Token
  balance: TokenAmount
  held: TokenAmount
  owed: TokenAmount
  /** Sent to it unasked; owed to nobody. */
  surplus: TokenAmount
}

/** The books of every contract that holds tokens. */
export function booksOf(economy: Economy): Book[] {
  const { ledger } = economy
  return owedOf(economy).map(({ holder, token, owed }) => {
    const balance = balanceOf(ledger, token, holder)
    const held = heldBy(ledger, token, holder)
    return { holder, token, balance, held, owed, surplus: balance - held }
  })
}

/** What is not as it must be, in words; nothing when every unit has its owner. */
export function conserved(economy: Economy): string[] {
  const wrong = booksOf(economy).filter(({ held, owed, surplus }) => held !== owed || surplus < 0n)
  return [
    ...wrong.map(
      ({ holder, token, balance, held, owed }) =>
        `${holder} has ${balance} of ${token}, holds ${held} and owes ${owed}`,
    ),
    ...supplyProblems(economy),
    ...[...economy.pool.stakes.keys()].flatMap((providerId) => stakeProblems(economy, providerId)),
  ]
}

type Owed = { holder: Holder; token: Token; owed: TokenAmount }

function owedOf(economy: Economy): Owed[] {
  const { router, distributor, signerSets, pool, escrows } = economy
  const { fundedTotal, paidTotal, withheldSwept } = distributor
  const bonds = [...signerSets.bonds.values()].map(({ bond }) => bond)
  return [
    { holder: 'stakingPool', token: 'ankr', owed: sumOf([...pool.stakes.values()].map(stakeOwed)) },
    { holder: 'signerSets', token: 'ankr', owed: sumOf(bonds) },
    ...tokens.map((token) => {
      const balances = [...escrows[token].deposits.values()].map(({ balance }) => balance)
      return { holder: holderOf(token), token, owed: sumOf(balances) }
    }),
    { holder: 'feeRouter', token: 'ankr', owed: sumOf(Object.values(router.accrued)) },
    { holder: 'feeRouter', token: 'stable', owed: router.stablePending + router.auction.lot },
    {
      holder: 'rewardDistributor',
      token: 'ankr',
      owed: fundedTotal - paidTotal - withheldSwept,
    },
  ]
}

function stakeOwed({ buckets, reserve }: ProviderStake): TokenAmount {
  return totalOf(buckets.Self) + totalOf(buckets.Delegated) + reserve
}

function supplyProblems({ ledger }: Economy): string[] {
  return tokens.flatMap((token) => {
    const sum = sumOf(ledger.balances[token].values())
    const supply = ledger.supply[token]
    return sum === supply ? [] : [`balances of ${token} sum to ${sum}, its supply is ${supply}`]
  })
}

/** What the sums of a provider's stake must be made of. */
function stakeProblems(economy: Economy, providerId: bigint): string[] {
  const stake = stakeAt(economy.pool, providerId, economy.now)
  const rays = raysOf(stake)
  const problems = [
    rays === stake.reserve * rayScale
      ? undefined
      : `rewards of provider ${providerId}: reserve ${stake.reserve}, in rays ${rays}`,
    ...stakeKinds.flatMap((kind) => bucketProblems(economy, { providerId, kind, stake })),
  ]
  return problems.filter((problem) => problem !== undefined)
}

/** Everything in rays that delegators' rewards have become: owed, carried, idle and still to stream. */
function raysOf(stake: ProviderStake): RayAmount {
  const owed = [...stake.positions.keys()].map((holder) => positionOf(stake, holder).owed)
  const { carry, idle } = stake.stream
  return sumOf(owed) + carry + (idle + unstreamed(stake.stream)) * rayScale
}

type BucketPlace = { providerId: bigint; kind: StakeKind; stake: ProviderStake }

function bucketProblems(economy: Economy, place: BucketPlace): (string | undefined)[] {
  const { providerId, kind, stake } = place
  const bucket = stake.buckets[kind]
  const sums = partsOf(economy, place)
  const where = `${kind} stake of provider ${providerId}`
  return [
    ...(['shares', 'unbondingShares', 'locked'] as const).map((name) =>
      bucket[name] === sums[name]
        ? undefined
        : `${where}: ${name} is ${bucket[name]}, its parts sum to ${sums[name]}`,
    ),
    bucket.active > bucket.shares || bucket.unbonding > bucket.unbondingShares
      ? `${where}: a share is worth more than one`
      : undefined,
  ]
}

function partsOf({ pool }: Economy, { providerId, kind, stake }: BucketPlace) {
  const bucket = stake.buckets[kind]
  const isHere = (entry: { providerId: bigint; kind: StakeKind }) =>
    entry.providerId === providerId && entry.kind === kind
  const requests = [...pool.requests.values()].filter(
    (request) => isHere(request) && request.generation === bucket.unbondingGeneration,
  )
  const owned = [...stake.positions.keys()].map((holder) => positionOf(stake, holder).shares)
  return {
    // Self-stake has one owner, so its shares are not divided.
    shares: kind === 'Self' ? bucket.shares : sumOf(owned),
    unbondingShares: sumOf(requests.map(({ shares }) => shares)),
    locked: sumOf([...pool.locks.values()].filter(isHere).map(({ amount }) => amount)),
  }
}
