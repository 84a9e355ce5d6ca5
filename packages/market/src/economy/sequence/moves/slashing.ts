import { totalOf } from '../../staking/share-bucket.ts'
import { stakeAt, stakeKinds } from '../../staking/staking-pool.ts'
import { callerOr, type Move, type Scene, someProvider } from '../scene.ts'

/** Mostly nothing or a small part; now and then nearly all, all, or more than there is. */
function loss({ dice }: Scene, total: bigint): bigint {
  if (dice.percent(30)) return 0n
  if (dice.percent(85)) return dice.between(0n, total / 5n)
  if (dice.percent(50)) return total - dice.between(0n, total / 1_000_000n)
  return dice.between(0n, total + 1n)
}

export const slash: Move = (scene) => {
  const { economy, now } = scene
  const providerId = someProvider(scene)
  const { buckets } = stakeAt(economy.pool, providerId, now)
  const args = {
    providerId,
    selfAmount: loss(scene, totalOf(buckets.Self)),
    delegatedAmount: loss(scene, totalOf(buckets.Delegated)),
  }
  return { name: 'slash', caller: callerOr(scene, economy.roles.slasher), args }
}

/** So much of one kind of stake that its generation may end. */
export const slashToTheEnd: Move = (scene) => {
  const { dice, economy, now } = scene
  const providerId = someProvider(scene)
  const { buckets } = stakeAt(economy.pool, providerId, now)
  const kind = dice.oneOf(stakeKinds) ?? 'Delegated'
  const amount = totalOf(buckets[kind]) - dice.between(0n, totalOf(buckets[kind]) / 100_000n)
  const args = {
    providerId,
    selfAmount: kind === 'Self' ? amount : 0n,
    delegatedAmount: kind === 'Self' ? 0n : amount,
  }
  return { name: 'slash', caller: economy.roles.slasher, args }
}

export const lock: Move = (scene) => {
  const { dice, economy, now } = scene
  const providerId = someProvider(scene)
  const kind = dice.oneOf(stakeKinds) ?? 'Self'
  const total = totalOf(stakeAt(economy.pool, providerId, now).buckets[kind])
  const { locks, released } = economy.pool
  const isKnown = dice.percent(5)
  const lockId = (isKnown ? dice.oneOf([...locks.keys(), ...released]) : undefined) ?? dice.word()
  const seconds = dice.percent(95) ? dice.between(60n, 86_400n) : 10n ** 9n
  const args = { lockId, providerId, kind, amount: dice.between(1n, total), until: now + seconds }
  return { name: 'lock', caller: callerOr(scene, economy.roles.slasher), args }
}

export const release: Move = (scene) => {
  const { dice, economy, cast } = scene
  const lockId = dice.percent(98) ? dice.oneOf([...economy.pool.locks.keys()]) : dice.word()
  if (lockId === undefined) return undefined
  const caller = dice.percent(50) ? economy.roles.slasher : cast.outsider
  return { name: 'release', caller, args: { lockId } }
}

export const setIndemnifier: Move = (scene) => {
  const { dice, economy, cast } = scene
  if (cast.indemnifier === undefined) return undefined
  const coverPpm = BigInt(dice.below(11)) * 100_000n
  const indemnifier = dice.percent(70) ? { account: cast.indemnifier, coverPpm } : undefined
  const caller = callerOr(scene, economy.roles.governor)
  return { name: 'setIndemnifier', caller, args: { indemnifier } }
}

export const jail: Move = (scene) => {
  const { dice, economy, now, values } = scene
  const seconds = dice.percent(85) ? dice.between(1n, 86_400n) : values.JailSecondsMax
  const until = now + seconds + (dice.percent(10) ? 1n : 0n)
  const args = { providerId: someProvider(scene), until: dice.percent(5) ? now : until }
  return { name: 'jail', caller: callerOr(scene, economy.roles.slasher), args }
}
