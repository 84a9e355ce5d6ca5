import { bondOf, isBound, signerRoles } from '../../signers/signer-sets.ts'
import { callerOr, type Move, payeeOr } from '../scene.ts'

export const depositBond: Move = ({ dice, economy, cast, values }) => {
  const needed = values.SignerBond
  const short = cast.signers.filter((signer) => bondOf(economy.signerSets, signer).bond < needed)
  const signer = dice.oneOf(dice.percent(90) ? short : cast.signers)
  if (signer === undefined) return undefined
  const missing = needed - bondOf(economy.signerSets, signer).bond
  const amount = missing > 0n ? missing - BigInt(dice.below(2)) : dice.between(0n, needed)
  return { name: 'depositBond', caller: signer, args: { signer, amount } }
}

export const requestBondExit: Move = ({ dice, economy, cast }) => {
  const bonded = cast.signers.filter((signer) => bondOf(economy.signerSets, signer).bond > 0n)
  const free = bonded.filter((signer) => !isBound(economy.signerSets, signer))
  const caller = dice.oneOf(dice.percent(90) ? free : bonded)
  if (caller === undefined) return undefined
  return { name: 'requestBondExit', caller, args: {} }
}

export const withdrawBond: Move = (scene) => {
  const { dice, economy, cast } = scene
  const leaving = cast.signers.filter(
    (signer) => bondOf(economy.signerSets, signer).withdrawableAt > 0n,
  )
  const caller = dice.oneOf(dice.percent(90) ? leaving : cast.signers)
  if (caller === undefined) return undefined
  return { name: 'withdrawBond', caller, args: { to: payeeOr(scene, caller) } }
}

export const slashBond: Move = (scene) => {
  const { dice, economy, cast } = scene
  const signer = dice.oneOf(cast.signers) ?? cast.outsider
  const { bond } = bondOf(economy.signerSets, signer)
  const amount = dice.between(0n, dice.percent(80) ? bond / 10n : bond + 1n)
  const caller = callerOr(scene, economy.roles.slasher)
  return { name: 'slashBond', caller, args: { signer, amount } }
}

export const announceSet: Move = (scene) => {
  const { dice, economy, cast } = scene
  const role = dice.oneOf(signerRoles) ?? 'Gateway'
  const bonded = cast.signers.filter((signer) => bondOf(economy.signerSets, signer).bond > 0n)
  const members = dice.someOf(dice.percent(90) ? bonded : cast.signers)
  const ordered = dice.percent(97) ? members : members.toReversed()
  const majority = Math.floor(members.length / 2) + 1
  const least = dice.percent(4) ? majority - 1 : majority
  const most = members.length + (dice.percent(4) ? 1 : 0)
  const threshold = dice.between(BigInt(least), BigInt(most))
  const caller = callerOr(scene, economy.roles.governor)
  return { name: 'announceSet', caller, args: { role, members: ordered, threshold } }
}

export const cancelSet: Move = (scene) => {
  const { dice, economy } = scene
  const waiting = signerRoles.filter((name) => economy.signerSets.announced[name] !== undefined)
  const role = dice.oneOf(dice.percent(80) ? waiting : signerRoles)
  if (role === undefined) return undefined
  return { name: 'cancelSet', caller: callerOr(scene, economy.roles.governor), args: { role } }
}

export const installSet: Move = ({ dice, economy, cast }) => {
  const waiting = signerRoles.filter((role) => economy.signerSets.announced[role] !== undefined)
  const role = dice.oneOf(dice.percent(95) ? waiting : signerRoles)
  if (role === undefined) return undefined
  return { name: 'installSet', caller: cast.outsider, args: { role } }
}
