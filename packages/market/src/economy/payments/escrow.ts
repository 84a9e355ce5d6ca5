import type { Ppm, Seconds, TokenAmount } from '@mooring/protocol/units'
import { withEntry } from '../entries.ts'
import type { Account, Holder, Token } from '../ledger.ts'
import { least, most, partDown } from '../money/mul-div.ts'
import type { ParamValues } from '../parameters/sheet.ts'
import { known } from '../refused.ts'
import { type RateFeed, stableOf } from './rate-feed.ts'

/** A consumer's deposit in one asset. */
export type Deposit = {
  balance: TokenAmount
  /** Applied in this life of the account. */
  spent: TokenAmount
  /** Asked out, still chargeable. */
  withdrawing: TokenAmount
  withdrawableAt: Seconds
  life: bigint
  /** The last root of which a leaf was applied, and what that root has taken. */
  lastRootId: bigint
  lastRootCharged: TokenAmount
  /** From the first deposit until a withdrawal empties the account. */
  open: boolean
  keyCommitment: string
}

export type ChargeLeaf = { account: Account; life: bigint; total: TokenAmount }

export type ChargeRoot = {
  leaves: readonly ChargeLeaf[]
  periodEnd: Seconds
  applicableAt: Seconds
  /** The root before it that was not disabled; 0 when there was none. */
  previous: bigint
  disabled: boolean
}

/** The deposits in one asset and the roots that charge them. */
export type Escrow = {
  asset: Token
  /** No period of charges ends before. */
  beganAt: Seconds
  deposits: ReadonlyMap<Account, Deposit>
  /** By number, counted from 1. */
  roots: readonly ChargeRoot[]
  consentNonces: ReadonlyMap<Account, bigint>
}

/** At least so much of a balance may be taken, whatever its part is. */
export type CapTerms = { min: TokenAmount; ppm: Ppm }

export const noKey = `0x${'0'.repeat(64)}`

const noDeposit: Deposit = {
  balance: 0n,
  spent: 0n,
  withdrawing: 0n,
  withdrawableAt: 0n,
  life: 0n,
  lastRootId: 0n,
  lastRootCharged: 0n,
  open: false,
  keyCommitment: noKey,
}

export function createEscrow(asset: Token, beganAt: Seconds): Escrow {
  return { asset, beganAt, deposits: new Map(), roots: [], consentNonces: new Map() }
}

export function holderOf(asset: Token): Holder {
  return asset === 'ankr' ? 'ankrEscrow' : 'stableEscrow'
}

export function depositOf(escrow: Escrow, account: Account): Deposit {
  return escrow.deposits.get(account) ?? noDeposit
}

export function withDeposit(escrow: Escrow, account: Account, deposit: Deposit): Escrow {
  return { ...escrow, deposits: withEntry(escrow.deposits, account, deposit) }
}

export function rootOf(escrow: Escrow, rootId: bigint): ChargeRoot {
  return known(escrow.roots[Number(rootId) - 1], 'EscrowUnknownRoot')
}

/** The newest root that is not disabled; 0 when there is none. */
export function lastRootOf({ roots }: Escrow): bigint {
  return BigInt(roots.findLastIndex(({ disabled }) => !disabled)) + 1n
}

/** The earliest end of a period that the next root may be for. */
export function earliestPeriodEnd(escrow: Escrow, { ChargePeriodSeconds }: ParamValues): Seconds {
  const last = lastRootOf(escrow)
  return last === 0n ? escrow.beganAt : rootOf(escrow, last).periodEnd + ChargePeriodSeconds
}

/** When a root posted now can be applied: never before the one that came earlier, although the delay may have shrunk. */
export function applicableFrom(escrow: Escrow, earliest: Seconds): Seconds {
  const last = lastRootOf(escrow)
  return last === 0n ? earliest : most(earliest, rootOf(escrow, last).applicableAt)
}

/** An amount of ANKR in the escrow's own asset. */
export function inAsset({ asset }: Escrow, feed: RateFeed, ankr: TokenAmount): TokenAmount {
  return asset === 'ankr' ? ankr : stableOf(feed, ankr)
}

/** What one root may take from a balance; rounds down, in favour of the consumer. */
export function periodCap(balance: TokenAmount, { min, ppm }: CapTerms): TokenAmount {
  return most(min, partDown(balance, ppm))
}

export function capTerms(escrow: Escrow, feed: RateFeed, values: ParamValues): CapTerms {
  return { min: inAsset(escrow, feed, values.PeriodCapMin), ppm: values.PeriodCapPpm }
}

/**
 * The deposit after a leaf of a root, or undefined when the leaf is skipped: of another life, of a root older than the
 * last applied, or with nothing new in it. One that finds nothing to take counts as applied all the same.
 */
export function charged(
  deposit: Deposit,
  leaf: { rootId: bigint; life: bigint; total: TokenAmount },
  cap: CapTerms,
): { deposit: Deposit; amount: TokenAmount } | undefined {
  const { rootId, life, total } = leaf
  const isOld = life !== deposit.life || rootId < deposit.lastRootId
  if (isOld || total <= deposit.spent) return undefined
  const taken = rootId === deposit.lastRootId ? deposit.lastRootCharged : 0n
  const capLeft = most(periodCap(deposit.balance + taken, cap) - taken, 0n)
  const amount = least(total - deposit.spent, deposit.balance, capLeft)
  const after = {
    ...deposit,
    balance: deposit.balance - amount,
    spent: deposit.spent + amount,
    lastRootId: rootId,
    lastRootCharged: taken + amount,
  }
  return { deposit: after, amount }
}

/** The deposit after its request was paid with what charges have left of it. */
export function withdrawnDeposit(deposit: Deposit): { deposit: Deposit; amount: TokenAmount } {
  const amount = least(deposit.withdrawing, deposit.balance)
  const balance = deposit.balance - amount
  const paid = { ...deposit, balance, withdrawing: 0n, withdrawableAt: 0n }
  if (balance > 0n) return { deposit: paid, amount }
  return { deposit: { ...noDeposit, life: deposit.life + 1n }, amount }
}
