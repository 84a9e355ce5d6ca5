import type { Seconds, TokenAmount } from '@mooring/protocol/units'
import { type Economy, type Verb, valuesNow } from '../economy.ts'
import { withEntry } from '../entries.ts'
import { type Account, balanceOf, given, nobody, type Token, taken } from '../ledger.ts'
import {
  type Deposit,
  depositOf,
  type Escrow,
  holderOf,
  inAsset,
  noKey,
  withDeposit,
  withdrawnDeposit,
} from '../payments/escrow.ts'
import { type Problems, refuseIf } from '../refused.ts'

export type DepositArgs = {
  asset: Token
  amount: TokenAmount
  /** `noKey` keeps the one there is. */
  keyCommitment: string
  /** How the tokens come; the result is the same. */
  way: 'approval' | 'permit' | 'callback'
}

export const deposit: Verb<DepositArgs> = (economy, caller, args) => {
  const { asset, amount, way } = args
  refuseIf({
    ...depositProblems(economy, caller, args),
    // With a callback the tokens come first, else last; see the ledger.
    ERC20InsufficientBalance:
      way === 'callback' && amount > balanceOf(economy.ledger, asset, caller),
  })
  return withMoreDeposit(economy, { ...args, from: caller, account: caller })
}

export type DepositForArgs = {
  asset: Token
  account: Account
  amount: TokenAmount
  keyCommitment: string
  deadline: Seconds
  /** Whether the account has signed this key with its present nonce and this deadline. */
  consented: boolean
}

export const depositFor: Verb<DepositForArgs> = (economy, caller, args) => {
  const { asset, account, deadline, consented } = args
  refuseIf({
    EscrowZeroAddress: account === nobody,
    EscrowConsentExpired: economy.now > deadline,
    EscrowBadConsent: !consented,
    ...depositProblems(economy, account, args),
  })
  const used = withoutConsents(economy, asset, account)
  return withMoreDeposit(used, { ...args, from: caller })
}

export type SetKeyCommitmentArgs = { asset: Token; keyCommitment: string }

/** Voids the consents given before, which name an older key. */
export const setKeyCommitment: Verb<SetKeyCommitmentArgs> = (economy, caller, args) => {
  const { asset, keyCommitment } = args
  refuseIf({ EscrowNoKeyCommitment: keyCommitment === noKey })
  const account = depositOf(economy.escrows[asset], caller)
  const named = withAccount(economy, asset, { caller, account: { ...account, keyCommitment } })
  return withoutConsents(named, asset, caller)
}

export type RequestWithdrawArgs = { asset: Token; amount: TokenAmount }

/** One request at a time, so that none delays another. */
export const requestWithdraw: Verb<RequestWithdrawArgs> = (economy, caller, { asset, amount }) => {
  const account = depositOf(economy.escrows[asset], caller)
  refuseIf({
    EscrowNothingToWithdraw: amount === 0n,
    EscrowAlreadyWithdrawing: account.withdrawing > 0n,
    EscrowWithdrawTooMuch: amount > account.balance,
  })
  const withdrawableAt = economy.now + valuesNow(economy).WithdrawDelaySeconds
  const asked = { ...account, withdrawing: amount, withdrawableAt }
  return withAccount(economy, asset, { caller, account: asked })
}

export type AssetArgs = { asset: Token }

export const cancelWithdraw: Verb<AssetArgs> = (economy, caller, { asset }) => {
  const account = depositOf(economy.escrows[asset], caller)
  refuseIf({ EscrowNothingToWithdraw: account.withdrawing === 0n })
  const kept = { ...account, withdrawing: 0n, withdrawableAt: 0n }
  return withAccount(economy, asset, { caller, account: kept })
}

export type WithdrawDepositArgs = { asset: Token; to: Account }

/** Needs nobody else, and pays what charges have left of the request. */
export const withdrawDeposit: Verb<WithdrawDepositArgs> = (economy, caller, { asset, to }) => {
  const account = depositOf(economy.escrows[asset], caller)
  refuseIf({
    ERC20InvalidReceiver: to === nobody,
    EscrowNothingToWithdraw: account.withdrawing === 0n,
    EscrowWithdrawTooEarly: account.withdrawing > 0n && economy.now < account.withdrawableAt,
  })
  const { deposit: left, amount } = withdrawnDeposit(account)
  const ledger = given(economy.ledger, { token: asset, from: holderOf(asset), to, amount })
  return { ...withAccount(economy, asset, { caller, account: left }), ledger }
}

export function withEscrow(economy: Economy, escrow: Escrow): Economy {
  return { ...economy, escrows: { ...economy.escrows, [escrow.asset]: escrow } }
}

function depositProblems(
  economy: Economy,
  account: Account,
  { asset, amount, keyCommitment }: { asset: Token; amount: TokenAmount; keyCommitment: string },
): Problems {
  const escrow = economy.escrows[asset]
  const { open, keyCommitment: earlierKey } = depositOf(escrow, account)
  const { EscrowFirstDepositMin, EscrowTopUpMin } = valuesNow(economy)
  const min = inAsset(escrow, economy.rateFeed, open ? EscrowTopUpMin : EscrowFirstDepositMin)
  return {
    EscrowDepositTooSmall: amount < min,
    EscrowNoKeyCommitment: keyCommitment === noKey && earlierKey === noKey,
  }
}

/** Each consent names the number of those before it. */
function withoutConsents(economy: Economy, asset: Token, account: Account): Economy {
  const escrow = economy.escrows[asset]
  const nonce = (escrow.consentNonces.get(account) ?? 0n) + 1n
  const consentNonces = withEntry(escrow.consentNonces, account, nonce)
  return withEscrow(economy, { ...escrow, consentNonces })
}

type Added = {
  asset: Token
  from: Account
  account: Account
  amount: TokenAmount
  keyCommitment: string
}

function withMoreDeposit(economy: Economy, added: Added): Economy {
  const { asset, from, amount } = added
  const before = depositOf(economy.escrows[asset], added.account)
  const keyCommitment = added.keyCommitment === noKey ? before.keyCommitment : added.keyCommitment
  const account = { ...before, balance: before.balance + amount, open: true, keyCommitment }
  const ledger = taken(economy.ledger, { token: asset, from, to: holderOf(asset), amount })
  const isReplaced = before.keyCommitment !== noKey && keyCommitment !== before.keyCommitment
  const rest = isReplaced ? withoutConsents(economy, asset, added.account) : economy
  return { ...withAccount(rest, asset, { caller: added.account, account }), ledger }
}

function withAccount(
  economy: Economy,
  asset: Token,
  { caller, account }: { caller: Account; account: Deposit },
): Economy {
  return withEscrow(economy, withDeposit(economy.escrows[asset], caller, account))
}
