import type { Account } from '../../ledger.ts'
import { claimable } from '../../staking/position.ts'
import { activeValueOf, type ShareBucket, sharesFor } from '../../staking/share-bucket.ts'
import { positionOf, type StakeKind, stakeAt } from '../../staking/staking-pool.ts'
import { requestValue } from '../../verbs/unbond.ts'
import {
  amountOf,
  callerOr,
  limitFor,
  type Move,
  ownerOf,
  payeeOr,
  providerIds,
  type Scene,
  someProvider,
} from '../scene.ts'

const ways = ['approval', 'permit'] as const

export const delegate: Move = (scene) => {
  const { dice, cast, values } = scene
  const caller = dice.oneOf(cast.delegators) ?? cast.outsider
  const providerId = someProvider(scene)
  const min = values.DelegationMin
  const amount = dice.percent(10) ? min - BigInt(dice.below(2)) : amountOf(scene, 'ankr', caller)
  return stakeAction(scene, { caller, providerId, kind: 'Delegated', amount })
}

export const stakeSelf: Move = (scene) => {
  const { dice, values } = scene
  const providerId = someProvider(scene)
  const caller = callerOr(scene, ownerOf(scene, providerId))
  const exact = values.SelfStakePerNode - BigInt(dice.below(2))
  const amount = dice.percent(40) ? exact : amountOf(scene, 'ankr', caller)
  return stakeAction(scene, { caller, providerId, kind: 'Self', amount })
}

export const unstakeDelegated: Move = (scene) => {
  const { dice } = scene
  const position = somePosition(scene, ({ shares }) => shares > 0n)
  if (position === undefined) return undefined
  const { providerId, holder, shares: held } = position
  const part = dice.percent(2) ? held + 1n : dice.between(1n, held)
  const shares = dice.percent(30) ? held : part
  const amountMin = limitFor(scene, activeValueOf(bucketOf(scene, providerId, 'Delegated'), shares))
  const args = { providerId, kind: 'Delegated', shares, amountMin } as const
  return { name: 'unstake', caller: callerOr(scene, holder), args }
}

export const unstakeSelf: Move = (scene) => {
  const { dice } = scene
  const providerId = dice.oneOf(providerIds(scene))
  if (providerId === undefined) return undefined
  const held = bucketOf(scene, providerId, 'Self').shares
  const shares = dice.between(held > 0n ? 1n : 0n, held)
  const caller = callerOr(scene, ownerOf(scene, providerId))
  return { name: 'unstake', caller, args: { providerId, kind: 'Self', shares, amountMin: 0n } }
}

export const cancelUnbonding: Move = (scene) => {
  const found = someRequest(scene)
  if (found === undefined) return undefined
  const args = { requestId: found.requestId, sharesMin: limitFor(scene, found.value) }
  return { name: 'cancelUnbonding', caller: callerOr(scene, found.holder), args }
}

export const withdraw: Move = (scene) => {
  const found = someRequest(scene)
  if (found === undefined) return undefined
  const caller = callerOr(scene, found.holder)
  const requestId = scene.dice.percent(1) ? 999_999n : found.requestId
  return { name: 'withdraw', caller, args: { requestId, to: payeeOr(scene, caller) } }
}

export const claim: Move = (scene) => {
  const position = someEarner(scene)
  if (position === undefined) return undefined
  const { providerId, holder } = position
  const args = { providerId, to: payeeOr(scene, holder) }
  return { name: 'claim', caller: callerOr(scene, holder), args }
}

export const claimAndRestake: Move = (scene) => {
  const position = someEarner(scene)
  if (position === undefined) return undefined
  const { providerId, holder, claims } = position
  const bucket = bucketOf(scene, providerId, 'Delegated')
  const sharesMin = limitFor(scene, sharesFor(bucket, claims))
  return { name: 'claimAndRestake', caller: holder, args: { providerId, sharesMin } }
}

export const payIdleReward: Move = (scene) => {
  const { dice, economy, now } = scene
  const idle = providerIds(scene).filter(
    (providerId) => stakeAt(economy.pool, providerId, now).stream.idle > 0n,
  )
  const providerId = dice.percent(90) ? dice.oneOf(idle) : someProvider(scene)
  if (providerId === undefined) return undefined
  return { name: 'payIdleReward', caller: scene.cast.outsider, args: { providerId } }
}

type Staking = { caller: Account; providerId: bigint; kind: StakeKind; amount: bigint }

function stakeAction(scene: Scene, { caller, providerId, kind, amount }: Staking) {
  const sharesMin = limitFor(scene, sharesFor(bucketOf(scene, providerId, kind), amount))
  const way = scene.dice.oneOf(ways) ?? 'approval'
  return { name: 'stake', caller, args: { providerId, kind, amount, sharesMin, way } } as const
}

function bucketOf({ economy, now }: Scene, providerId: bigint, kind: StakeKind): ShareBucket {
  return stakeAt(economy.pool, providerId, now).buckets[kind]
}

type Held = { providerId: bigint; holder: Account; shares: bigint; claims: bigint }

function somePosition(scene: Scene, wanted: (held: Held) => boolean): Held | undefined {
  const { dice, economy, now } = scene
  const held = providerIds(scene).flatMap((providerId) => {
    const stake = stakeAt(economy.pool, providerId, now)
    return [...stake.positions.keys()].map((holder) => {
      const position = positionOf(stake, holder)
      return { providerId, holder, shares: position.shares, claims: claimable(position) }
    })
  })
  return dice.oneOf(held.filter(wanted))
}

/** Mostly somebody who has earned something. */
function someEarner(scene: Scene): Held | undefined {
  const isAsked = scene.dice.percent(90)
  return somePosition(scene, ({ claims }) => !isAsked || claims > 0n)
}

/** A request, mostly one whose date has come. */
function someRequest(scene: Scene) {
  const { dice, economy, now } = scene
  const open = [...economy.pool.requests]
  const due = open.filter(([, { withdrawableAt }]) => withdrawableAt <= now)
  const found = dice.oneOf(dice.percent(85) ? due : open)
  if (found === undefined) return undefined
  const [requestId, request] = found
  const holder = request.holder ?? ownerOf(scene, request.providerId)
  return { requestId, holder, value: requestValue(economy, request) }
}
