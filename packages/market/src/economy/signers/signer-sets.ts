import type { Seconds, TokenAmount } from '@mooring/protocol/units'
import type { Account } from '../ledger.ts'
import type { Problems } from '../refused.ts'

export const signerRoles = ['Verifier', 'Gateway', 'RateSigner'] as const
export type SignerRole = (typeof signerRoles)[number]

/** Members in ascending order of address. */
export type SignerSet = { members: readonly Account[]; threshold: bigint; version: bigint }

export type AnnouncedSet = {
  members: readonly Account[]
  threshold: bigint
  installableAt: Seconds
}

export type SignerBond = {
  bond: TokenAmount
  /** 0 while no exit is under way. */
  withdrawableAt: Seconds
}

/** Whose signatures the chain accepts, and what these signers have put up for it. */
export type SignerSets = {
  installed: Readonly<Record<SignerRole, SignerSet>>
  announced: Readonly<Partial<Record<SignerRole, AnnouncedSet>>>
  bonds: ReadonlyMap<Account, SignerBond>
}

const noSet: SignerSet = { members: [], threshold: 0n, version: 0n }
const noBond: SignerBond = { bond: 0n, withdrawableAt: 0n }

export const emptySignerSets: SignerSets = {
  installed: { Verifier: noSet, Gateway: noSet, RateSigner: noSet },
  announced: {},
  bonds: new Map(),
}

export function bondOf({ bonds }: SignerSets, signer: Account): SignerBond {
  return bonds.get(signer) ?? noBond
}

/** Whether the signer is in a set, or in one that waits to be installed. */
export function isBound(sets: SignerSets, signer: Account): boolean {
  return signerRoles.some((role) => {
    const announced = sets.announced[role]?.members ?? []
    return sets.installed[role].members.includes(signer) || announced.includes(signer)
  })
}

/** More than half, so that two groups without a common member can never both decide. */
export function isMajority(threshold: bigint, count: number): boolean {
  return threshold <= BigInt(count) && threshold * 2n > BigInt(count)
}

export function isAscending(accounts: readonly Account[]): boolean {
  return accounts.every((account, place) => place === 0 || (accounts[place - 1] ?? '') < account)
}

/** What is wrong with the signatures of these signers, in the order they are handed over. */
export function quorumProblems(
  { installed }: SignerSets,
  role: SignerRole,
  signers: readonly Account[],
): Problems {
  const { members, threshold } = installed[role]
  return {
    SignerSetsTooFewSignatures: BigInt(signers.length) < threshold || threshold === 0n,
    SignerSetsNotMember: signers.some((signer) => !members.includes(signer)),
    SignerSetsNotAscending: !isAscending(signers),
  }
}
