import type { TokenAmount } from '@mooring/protocol/units'
import { type Economy, type NoArgs, requireRole, type Verb, valuesNow } from '../economy.ts'
import { withEntry } from '../entries.ts'
import { type Account, given, taken } from '../ledger.ts'
import { least } from '../money/mul-div.ts'
import { known, refuseIf } from '../refused.ts'
import {
  type AnnouncedSet,
  bondOf,
  isAscending,
  isBound,
  isMajority,
  type SignerBond,
  type SignerRole,
} from '../signers/signer-sets.ts'

export type DepositBondArgs = { signer: Account; amount: TokenAmount }

/** Adds to a bond, paid by the caller. Cancels no exit. */
export const depositBond: Verb<DepositBondArgs> = (economy, caller, { signer, amount }) => {
  refuseIf({ SignerSetsZeroAmount: amount === 0n })
  const before = bondOf(economy.signerSets, signer)
  const bonded = withBond(economy, signer, { ...before, bond: before.bond + amount })
  const pay = { token: 'ankr', from: caller, to: 'signerSets', amount } as const
  return { ...bonded, ledger: taken(economy.ledger, pay) }
}

export const requestBondExit: Verb<NoArgs> = (economy, caller) => {
  const before = bondOf(economy.signerSets, caller)
  refuseIf({
    SignerSetsStillMember: isBound(economy.signerSets, caller),
    SignerSetsExiting: before.withdrawableAt > 0n,
    SignerSetsZeroAmount: before.bond === 0n,
  })
  const withdrawableAt = economy.now + valuesNow(economy).SignerExitSeconds
  return withBond(economy, caller, { ...before, withdrawableAt })
}

export type WithdrawBondArgs = { to: Account }

/** Membership gained meanwhile stops it. */
export const withdrawBond: Verb<WithdrawBondArgs> = (economy, caller, { to }) => {
  const { bond: amount, withdrawableAt } = bondOf(economy.signerSets, caller)
  refuseIf({
    SignerSetsNotExiting: withdrawableAt === 0n,
    SignerSetsExitTooEarly: withdrawableAt > 0n && economy.now < withdrawableAt,
    SignerSetsStillMember: isBound(economy.signerSets, caller),
  })
  const left = withBond(economy, caller, { bond: 0n, withdrawableAt: 0n })
  const pay = { token: 'ankr', from: 'signerSets', to, amount } as const
  return { ...left, ledger: given(economy.ledger, pay) }
}

export type SlashBondArgs = { signer: Account; amount: TokenAmount }

export const slashBond: Verb<SlashBondArgs> = (economy, caller, { signer, amount }) => {
  requireRole(economy, 'slasher', caller)
  const before = bondOf(economy.signerSets, signer)
  const lost = least(before.bond, amount)
  const lessened = withBond(economy, signer, { ...before, bond: before.bond - lost })
  const pay = { token: 'ankr', from: 'signerSets', to: caller, amount: lost } as const
  return { ...lessened, ledger: given(economy.ledger, pay) }
}

export type AnnounceSetArgs = { role: SignerRole; members: readonly Account[]; threshold: bigint }

/** Replaces an earlier announcement. */
export const announceSet: Verb<AnnounceSetArgs> = (economy, caller, args) => {
  requireRole(economy, 'governor', caller)
  const { role, members, threshold } = args
  refuseIf({
    SignerSetsBadThreshold: !isMajority(threshold, members.length),
    SignerSetsNotAscending: !isAscending(members),
  })
  const installableAt = economy.now + valuesNow(economy).SignerRotationSeconds
  return withAnnounced(economy, role, { members, threshold, installableAt })
}

export type RoleArgs = { role: SignerRole }

export const cancelSet: Verb<RoleArgs> = (economy, caller, { role }) => {
  requireRole(economy, 'governor', caller)
  refuseIf({ SignerSetsNothingAnnounced: economy.signerSets.announced[role] === undefined })
  return withAnnounced(economy, role, undefined)
}

/** Anyone may, when the delay is over and every member has its bond. It ends the exit of a member that was leaving. */
export const installSet: Verb<RoleArgs> = (economy, _caller, { role }) => {
  const { signerSets, now } = economy
  const announced = known(signerSets.announced[role], 'SignerSetsNothingAnnounced')
  const { members, threshold } = announced
  const bonds = members.map((member) => bondOf(signerSets, member))
  const needed = valuesNow(economy).SignerBond
  refuseIf({
    SignerSetsTooEarly: now < announced.installableAt,
    SignerSetsBondTooSmall: bonds.some(({ bond }) => bond < needed),
  })
  const version = signerSets.installed[role].version + 1n
  const installed = { ...signerSets.installed, [role]: { members, threshold, version } }
  const staying = members.reduce(withoutExit, economy)
  const after = withAnnounced(staying, role, undefined)
  return { ...after, signerSets: { ...after.signerSets, installed } }
}

/** Who is wanted again is not leaving: an old date would let a bond go at once after a misdeed. */
function withoutExit(economy: Economy, signer: Account): Economy {
  const before = bondOf(economy.signerSets, signer)
  return before.withdrawableAt === 0n
    ? economy
    : withBond(economy, signer, { ...before, withdrawableAt: 0n })
}

function withBond(economy: Economy, signer: Account, bond: SignerBond): Economy {
  const bonds = withEntry(economy.signerSets.bonds, signer, bond)
  return { ...economy, signerSets: { ...economy.signerSets, bonds } }
}

function withAnnounced(economy: Economy, role: SignerRole, set: AnnouncedSet | undefined): Economy {
  const { [role]: _former, ...others } = economy.signerSets.announced
  const announced = set === undefined ? others : { ...others, [role]: set }
  return { ...economy, signerSets: { ...economy.signerSets, announced } }
}
