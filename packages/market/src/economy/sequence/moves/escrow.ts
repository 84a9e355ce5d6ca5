import { type Account, balanceOf, nobody, type Token, tokens } from '../../ledger.ts'
import { most } from '../../money/mul-div.ts'
import {
  type ChargeLeaf,
  depositOf,
  inAsset,
  lastRootOf,
  noKey,
  rootOf,
} from '../../payments/escrow.ts'
import { callerOr, type Move, payeeOr, type Scene, signersFor } from '../scene.ts'

const ways = ['approval', 'permit', 'callback'] as const

export const deposit: Move = (scene) => {
  const asset = someAsset(scene)
  const caller = someConsumer(scene)
  const way = scene.dice.oneOf(ways) ?? 'approval'
  const terms = depositTerms(scene, asset, { from: caller, account: caller })
  return { name: 'deposit', caller, args: { asset, ...terms, way } }
}

export const depositFor: Move = (scene) => {
  const { dice, now } = scene
  const asset = someAsset(scene)
  const caller = someConsumer(scene)
  const account = dice.percent(3) ? nobody : someConsumer(scene)
  const args = {
    asset,
    account,
    ...depositTerms(scene, asset, { from: caller, account }),
    deadline: dice.percent(95) ? now + 3_600n : now - 1n,
    consented: account !== nobody && dice.percent(95),
  }
  return { name: 'depositFor', caller, args }
}

export const setKeyCommitment: Move = (scene) => {
  const keyCommitment = scene.dice.percent(90) ? scene.dice.word() : noKey
  const args = { asset: someAsset(scene), keyCommitment }
  return { name: 'setKeyCommitment', caller: someConsumer(scene), args }
}

export const requestWithdraw: Move = (scene) => {
  const { dice, economy } = scene
  const asset = someAsset(scene)
  const caller = someConsumer(scene)
  const { balance, withdrawing } = depositOf(economy.escrows[asset], caller)
  if ((balance === 0n || withdrawing > 0n) && dice.percent(85)) return undefined
  const most = dice.percent(3) ? balance + 1n : balance
  const amount = dice.percent(40) ? most : dice.between(0n, most)
  return { name: 'requestWithdraw', caller, args: { asset, amount } }
}

export const cancelWithdraw: Move = (scene) => {
  const asset = someAsset(scene)
  return { name: 'cancelWithdraw', caller: someWithdrawer(scene, asset), args: { asset } }
}

export const withdrawDeposit: Move = (scene) => {
  const asset = someAsset(scene)
  const caller = someWithdrawer(scene, asset)
  const { withdrawing } = depositOf(scene.economy.escrows[asset], caller)
  if (withdrawing === 0n && scene.dice.percent(80)) return undefined
  const to = scene.dice.percent(2) ? nobody : payeeOr(scene, caller)
  return { name: 'withdrawDeposit', caller, args: { asset, to } }
}

export const postChargeRoot: Move = (scene) => {
  const { dice, economy, now, values, cast } = scene
  const asset = someAsset(scene)
  const escrow = economy.escrows[asset]
  const last = lastRootOf(escrow)
  const earliest =
    last === 0n ? now - 60n : rootOf(escrow, last).periodEnd + values.ChargePeriodSeconds
  if (earliest > now && dice.percent(95)) return undefined
  const oldest = most(earliest, now - values.ChargePeriodSeconds + 1n)
  const early = dice.percent(3) ? oldest - 1n : dice.between(oldest, most(oldest, now))
  const periodEnd = dice.percent(97) ? early : now + 1n
  const leaves = cast.consumers
    .filter(() => dice.percent(85))
    .map((account) => someLeaf(scene, asset, account))
  if (leaves.length === 0) return undefined
  const args = { asset, leaves, periodEnd, signers: signersFor(scene, 'Verifier') }
  return { name: 'postChargeRoot', caller: cast.outsider, args }
}

/** A root that waits, or one that is past that; not one that is disabled already. */
export const disableChargeRoot: Move = (scene) => {
  const { dice, economy, now } = scene
  const asset = someAsset(scene)
  const roots = [...economy.escrows[asset].roots.entries()].filter(([, root]) => !root.disabled)
  const waiting = roots.filter(([, { applicableAt }]) => applicableAt > now)
  const place = dice.oneOf(dice.percent(90) ? waiting : roots)?.[0]
  if (place === undefined) return undefined
  const caller = callerOr(scene, economy.roles.guardian)
  return { name: 'disableChargeRoot', caller, args: { asset, rootId: BigInt(place) + 1n } }
}

export const applyCharges: Move = (scene) => {
  const { dice, economy, cast, now } = scene
  const asset = someAsset(scene)
  const roots = [...economy.escrows[asset].roots.entries()]
  const usable = roots.filter(([, root]) => !root.disabled && root.applicableAt <= now)
  const found = dice.percent(80) ? usable.at(-1) : dice.oneOf(roots)
  if (found === undefined) return undefined
  const [place, { leaves: own }] = found
  const rootId = dice.percent(1) ? 999_999n : BigInt(place) + 1n
  const leaves = dice.percent(60) ? [...own] : dice.someOf(own)
  const [first] = own
  if (first !== undefined && dice.percent(10)) leaves.push({ ...first, total: first.total + 1n })
  if (first !== undefined && dice.percent(10)) leaves.push(first)
  const args = { asset, rootId, leaves }
  return { name: 'applyCharges', caller: cast.outsider, args }
}

/** Mostly some more than was applied; now and then far more than there is, or of a life that is over. */
function someLeaf(scene: Scene, asset: Token, account: Account): ChargeLeaf {
  const { dice, economy } = scene
  const { life, spent, balance } = depositOf(economy.escrows[asset], account)
  const used = dice.percent(85) ? dice.between(0n, balance / 8n) : balance * 3n
  const ofLife = dice.percent(96) || life === 0n ? life : life - 1n
  return { account, life: ofLife, total: spent + used }
}

function depositTerms(
  { dice, economy, values }: Scene,
  asset: Token,
  { from, account }: { from: Account; account: Account },
) {
  const escrow = economy.escrows[asset]
  const { open } = depositOf(escrow, account)
  const least = open ? values.EscrowTopUpMin : values.EscrowFirstDepositMin
  const min = inAsset(escrow, economy.rateFeed, least)
  const most = balanceOf(economy.ledger, asset, from) / 10n
  const exact = min > 0n ? min - BigInt(dice.below(2)) : 1n
  const amount = dice.percent(15) ? exact : dice.between(min, most)
  const keepsKey = open ? dice.percent(60) : dice.percent(5)
  return { amount, keyCommitment: keepsKey ? noKey : dice.word() }
}

function someAsset({ dice }: Scene): Token {
  return dice.oneOf(tokens) ?? 'ankr'
}

function someConsumer({ dice, cast }: Scene): Account {
  return dice.oneOf(cast.consumers) ?? cast.outsider
}

/** Mostly somebody who has asked for money, and mostly one whose date has come. */
function someWithdrawer(scene: Scene, asset: Token): Account {
  const { dice, economy, now } = scene
  const asked = [...economy.escrows[asset].deposits].filter(([, deposit]) => {
    return deposit.withdrawing > 0n && (deposit.withdrawableAt <= now || dice.percent(10))
  })
  return (dice.percent(95) ? dice.oneOf(asked)?.[0] : undefined) ?? someConsumer(scene)
}
