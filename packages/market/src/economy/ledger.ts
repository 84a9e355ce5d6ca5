import type { TokenAmount } from '@mooring/protocol/units'
import { withEntry } from './entries.ts'
import { Refused } from './refused.ts'

export const tokens = ['ankr', 'stable'] as const
export type Token = (typeof tokens)[number]

/** Contracts that hold tokens for others. */
export const holders = [
  'stakingPool',
  'signerSets',
  'ankrEscrow',
  'stableEscrow',
  'feeRouter',
  'rewardDistributor',
] as const
export type Holder = (typeof holders)[number]

/** An address in lower case, so that text order is address order, or one of our contracts by name. */
export type Account = string

/** The address nobody has. */
export const nobody: Account = '0x0000000000000000000000000000000000000000'
/** Where a token goes that cannot be burned. */
export const deadAddress: Account = '0x000000000000000000000000000000000000dead'
/** In movements only: who receives a token that is burned. */
export const burned: Account = 'burned'

export type Movement = { token: Token; from: Account; to: Account; amount: TokenAmount }

/** Who has how much of each token, and how much of it our contracts hold for others. */
export type Ledger = {
  balances: Readonly<Record<Token, ReadonlyMap<Account, TokenAmount>>>
  held: Readonly<Record<Token, ReadonlyMap<Holder, TokenAmount>>>
  supply: Readonly<Record<Token, TokenAmount>>
  /** Since the action began, in order. */
  movements: readonly Movement[]
}

export function balanceOf(ledger: Ledger, token: Token, account: Account): TokenAmount {
  return ledger.balances[token].get(account) ?? 0n
}

export function heldBy(ledger: Ledger, token: Token, holder: Holder): TokenAmount {
  return ledger.held[token].get(holder) ?? 0n
}

/** What was sent to a contract unasked. */
export function surplusOf(ledger: Ledger, token: Token, holder: Holder): TokenAmount {
  return balanceOf(ledger, token, holder) - heldBy(ledger, token, holder)
}

/** A plain transfer. Nothing is booked, whoever receives it; a transfer of nothing leaves no trace. */
export function transferred(ledger: Ledger, movement: Movement): Ledger {
  const { token, from, to, amount } = movement
  if (amount === 0n) return ledger
  const rest = balanceOf(ledger, token, from) - amount
  if (rest < 0n) throw new Refused(['ERC20InsufficientBalance'])
  const left = withEntry(ledger.balances[token], from, rest)
  const arrived = to === burned ? left : withEntry(left, to, (left.get(to) ?? 0n) + amount)
  const supply = to === burned ? ledger.supply[token] - amount : ledger.supply[token]
  return {
    ...ledger,
    balances: { ...ledger.balances, [token]: arrived },
    supply: { ...ledger.supply, [token]: supply },
    movements: [...ledger.movements, movement],
  }
}

/** A contract takes tokens from somebody and books them. */
export function taken(ledger: Ledger, movement: Movement & { to: Holder }): Ledger {
  return booked(transferred(ledger, movement), movement.token, movement.to, movement.amount)
}

/** A contract books what has been sent to it before. */
export function received(
  ledger: Ledger,
  { token, to, amount }: { token: Token; to: Holder; amount: TokenAmount },
): Ledger {
  if (surplusOf(ledger, token, to) < amount) throw new RangeError(`${to} books what is not there`)
  return booked(ledger, token, to, amount)
}

/** A contract pays out of what it holds for others. */
export function given(ledger: Ledger, movement: Movement & { from: Holder }): Ledger {
  const { token, from, amount } = movement
  const unbooked = booked(ledger, token, from, -amount)
  return transferred(unbooked, movement)
}

function booked(ledger: Ledger, token: Token, holder: Holder, change: bigint): Ledger {
  const amount = heldBy(ledger, token, holder) + change
  if (amount < 0n) throw new RangeError(`${holder} would hold ${amount} of ${token}`)
  const held = withEntry(ledger.held[token], holder, amount)
  return { ...ledger, held: { ...ledger.held, [token]: held } }
}
