import type { Seconds } from '@mooring/protocol/units'
import type { Action } from '../actions.ts'
import { type Economy, valuesNow } from '../economy.ts'
import { type Account, balanceOf, type Token } from '../ledger.ts'
import type { ParamValues } from '../parameters/sheet.ts'
import type { SignerRole } from '../signers/signer-sets.ts'
import type { Dice } from './dice.ts'

/** Who takes part beside those that the economy names. */
export type Cast = {
  /** Own providers, or may come to. */
  owners: readonly Account[]
  delegators: readonly Account[]
  consumers: readonly Account[]
  /** Sign for the sets, in ascending order. */
  signers: readonly Account[]
  /** What nodes may sign with. */
  nodeKeys: readonly Account[]
  /** Has no part in anything. */
  outsider: Account
  /** Covers losses when it is asked to; undefined leaves that out. */
  indemnifier: Account | undefined
}

/** A moment in which somebody is about to act. */
export type Scene = { economy: Economy; now: Seconds; cast: Cast; dice: Dice; values: ParamValues }

/** Something that can be done now, or undefined when there is no occasion. */
export type Move = (scene: Scene) => Action | undefined

/** @param now - When the next action happens; the economy looks as it will then. */
export function setScene(
  economy: Economy,
  { now, cast, dice }: { now: Seconds; cast: Cast; dice: Dice },
): Scene {
  const then = { ...economy, now }
  return { economy: then, now, cast, dice, values: valuesNow(then) }
}

/** Mostly who should, now and then somebody who must not. */
export function callerOr({ dice, cast }: Scene, caller: Account): Account {
  return dice.percent(4) ? cast.outsider : caller
}

export function anyone({ dice, cast }: Scene): Account {
  return dice.oneOf([...cast.owners, ...cast.delegators, ...cast.consumers]) ?? cast.outsider
}

/** Where money is sent: mostly to oneself, now and then to a contract that has not asked for it. */
export function payeeOr(scene: Scene, account: Account): Account {
  const { dice } = scene
  if (dice.percent(90)) return account
  return dice.percent(50) ? anyone(scene) : 'stakingPool'
}

/** A part of what somebody has; now and then nothing, or more than that. */
export function amountOf({ dice, economy }: Scene, token: Token, account: Account): bigint {
  const balance = balanceOf(economy.ledger, token, account)
  if (dice.percent(2)) return 0n
  if (dice.percent(2)) return balance + 1n
  return dice.between(1n, balance / 10n)
}

/** A limit that mostly is not set; else one that holds exactly, and now and then is missed by one. */
export function limitFor({ dice }: Scene, amount: bigint): bigint {
  if (dice.percent(70)) return 0n
  return dice.percent(80) ? amount : amount + 1n
}

/** Who signs: enough members in order, or now and then too few, or a stranger among them. */
export function signersFor({ economy, dice, cast }: Scene, role: SignerRole): Account[] {
  const { members, threshold } = economy.signerSets.installed[role]
  const count = Number(threshold)
  if (dice.percent(2)) return members.slice(0, Math.max(0, count - 1))
  if (dice.percent(2)) return [...members.slice(0, Math.max(0, count - 1)), cast.outsider].sort()
  if (dice.percent(2)) return members.toReversed()
  const spare = members.length - count
  const start = dice.below(spare + 1)
  return members.slice(start, start + count + dice.below(spare - start + 1))
}

export function providerIds({ economy }: Scene): bigint[] {
  return [...economy.registry.providers.keys()]
}

/** A provider, or now and then a number that none has. */
export function someProvider(scene: Scene): bigint {
  if (scene.dice.percent(1)) return BigInt(scene.economy.registry.providers.size) + 1n
  return scene.dice.oneOf(providerIds(scene)) ?? 1n
}

export function ownerOf({ economy, cast }: Scene, providerId: bigint): Account {
  return economy.registry.providers.get(providerId)?.owner ?? cast.outsider
}
