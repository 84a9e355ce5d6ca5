import type { DepositFacts, RevocationReason } from '@mooring/protocol/access/verifier-wire'
import type { Hex } from 'viem'
import type { SourceTrouble } from '../chain/sources.ts'

/** A token that was issued, and what it rests on. */
export type WatchedToken = {
  jti: string
  /** What the account named on chain when the token was issued; undefined where the token is bound to none. */
  keyCommitment: Hex | undefined
  facts: DepositFacts
}

export type WatchedTokens = {
  /** Every token that has neither been revoked nor expired. */
  list(): Promise<readonly WatchedToken[]>
}

/** What the watcher has done. Each may be called again for the same token until `list` shows that it took effect. */
export type WatchActions = {
  revoke(jti: string, reason: RevocationReason): Promise<void>
  /** The same deposit of the same transaction now stands in another block. Its `logIndex` may be another as well. */
  moved(jti: string, facts: DepositFacts): Promise<void>
  /** No fork undoes the deposit any more. */
  becameFinal(jti: string, facts: DepositFacts): Promise<void>
}

/** What went wrong, for the log. Nothing is lost by it: it is tried again in the next round. */
export type WatchEvents = {
  /** Sources were silent or did not agree. */
  troubled(trouble: SourceTrouble): void
  /** Something of ours failed: the store, or an action. */
  broke(error: unknown, doing: string): void
}

/** One name for an account of an escrow, whatever the case of its digits. */
export function accountKeyOf(escrow: string, account: string): string {
  return `${escrow.toLowerCase()}/${account.toLowerCase()}`
}
