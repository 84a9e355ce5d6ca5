import type { TokenAmount } from '@mooring/protocol/units'
import { least, most } from '../economy/money/mul-div.ts'
import { type CapTerms, periodCap } from '../economy/payments/escrow.ts'
import type { Hex } from './bytes.ts'
import type { ChargeLeaf } from './plain-tree.ts'

/** What the books say of an account in one asset. Base units. */
export type ChargedAccount = {
  account: Hex
  life: number
  /** Taken by roots in this life. */
  spent: TokenAmount
  /** Used in this life and not taken yet. */
  accrued: TokenAmount
  /** What the escrow holds of the account. */
  balance: TokenAmount
}

export type ChargeTotals = {
  /** By account. */
  leaves: ChargeLeaf[]
  /** Used, and left to later periods by the cap, of all accounts. */
  waiting: TokenAmount
}

/** The highest total that earlier roots have for an account's life, by `accountLife`. */
export type SignedTotals = ReadonlyMap<string, TokenAmount>

/**
 * So many roots back totals are compared with, newest first, so that no root of long ago has to be at hand. What an
 * account still owes of those before it owes by a newer leaf as well, unless a part of it has lapsed.
 */
export const earlierRootsMax = 32

/**
 * What is signed already of each account.
 *
 * @param files - The leaves of roots that were posted and not disabled. The newest alone is not enough: an account of
 * which a part lapsed may have a leaf in an older one only, which can still be applied.
 */
export function signedTotals(files: Iterable<readonly ChargeLeaf[]>): SignedTotals {
  const signed = new Map<string, TokenAmount>()
  for (const leaves of files) addSigned(signed, leaves)
  return signed
}

export function addSigned(signed: Map<string, TokenAmount>, leaves: readonly ChargeLeaf[]): void {
  for (const leaf of leaves) {
    const key = accountLife(leaf)
    const before = signed.get(key)
    if (before === undefined || before < leaf.total) signed.set(key, leaf.total)
  }
}

export function accountLife({ account, life }: Pick<ChargeLeaf, 'account' | 'life'>): string {
  return `${account} ${life}`
}

/** Whether a root can take nothing more by a leaf, and never will. */
export function isTaken(
  leaf: ChargeLeaf,
  { life, spent }: Pick<ChargedAccount, 'life' | 'spent'>,
): boolean {
  return life > leaf.life || (life === leaf.life && spent >= leaf.total)
}

/**
 * From where to where the total of an account's next leaf goes: beyond what was signed or taken before by at most one cap
 * of the period, and never beyond the balance, so that the contract takes all that was signed. It never falls.
 */
export function totalRange(
  { account, life, spent, balance }: Omit<ChargedAccount, 'accrued'>,
  signed: SignedTotals,
  cap: CapTerms,
): { from: TokenAmount; to: TokenAmount } {
  const from = most(spent, signed.get(accountLife({ account, life })) ?? 0n)
  // What is signed and not taken yet leaves the balance before this root takes anything.
  const left = most(0n, balance - (from - spent))
  return { from, to: from + least(left, periodCap(left, cap)) }
}

/** What a leaf has to say in place of what it says; undefined for one that may be signed. */
export type LeafProblem = { member: 'life' | 'total'; expected: string }

/**
 * Why a leaf must not be signed.
 *
 * @param account - As the escrow has it. A total that it has taken already is none of the reasons: it takes nothing more,
 * and an earlier root may have been applied since the file was made.
 */
export function leafProblem(
  leaf: ChargeLeaf,
  account: Omit<ChargedAccount, 'accrued'>,
  { signed, cap }: { signed: SignedTotals; cap: CapTerms },
): LeafProblem | undefined {
  if (leaf.life !== account.life) return { member: 'life', expected: String(account.life) }
  const { from, to } = totalRange(account, signed, cap)
  if (leaf.total > 0n && leaf.total >= from && leaf.total <= to) return undefined
  return { member: 'total', expected: `${most(from, 1n)} to ${to}` }
}

/**
 * The leaves of the next root, each in its range. An account of which a part lapsed has no leaf until it has used more
 * than was signed of it.
 *
 * @param accounts - Each once, in any order.
 */
export function chargeTotals(
  accounts: readonly ChargedAccount[],
  signed: SignedTotals,
  cap: CapTerms,
): ChargeTotals {
  const leaves: ChargeLeaf[] = []
  let waiting = 0n
  for (const charged of accounts) {
    const { account, life, spent, accrued } = charged
    const { from, to } = totalRange(charged, signed, cap)
    const used = spent + accrued
    if (accrued === 0n || used < from) continue
    const total = least(used, to)
    waiting += used - total
    if (total > spent) leaves.push({ account, life, total })
  }
  leaves.sort((one, other) => (one.account < other.account ? -1 : 1))
  return { leaves, waiting }
}
