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

/**
 * The leaves of the next root. A leaf goes beyond what was signed or taken before by at most one cap of the period, and
 * never beyond the balance, so that the contract takes all that was signed. No total is below that of the root before: an
 * account of which a part lapsed has no leaf until it has used more.
 *
 * @param accounts - Each once, in any order.
 * @param previous - The leaves of the root before, which may not be applied yet.
 */
export function chargeTotals(
  accounts: readonly ChargedAccount[],
  previous: readonly ChargeLeaf[],
  cap: CapTerms,
): ChargeTotals {
  const before = new Map(previous.map((leaf) => [leaf.account, leaf]))
  const leaves: ChargeLeaf[] = []
  let waiting = 0n
  for (const { account, life, spent, accrued, balance } of accounts) {
    const signed = before.get(account)
    const base = most(spent, signed?.life === life ? signed.total : 0n)
    const used = spent + accrued
    if (accrued === 0n || used < base) continue
    // What is signed and not taken yet leaves the balance before this root takes anything.
    const left = most(0n, balance - (base - spent))
    const total = least(used, base + least(left, periodCap(left, cap)))
    waiting += used - total
    if (total > spent) leaves.push({ account, life, total })
  }
  leaves.sort((one, other) => (one.account < other.account ? -1 : 1))
  return { leaves, waiting }
}
