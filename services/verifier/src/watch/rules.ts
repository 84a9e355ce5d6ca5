import type { Deployment } from '@mooring/onchain/deployment'
import type { DepositFacts, RevocationReason } from '@mooring/protocol/access/verifier-wire'
import type { Hex } from 'viem'
import type { Head } from '../chain/head.ts'
import { decodeDeposited } from '../deposits/deposited.ts'
import type { AccountRead } from '../deposits/read.ts'
import type { LogRead, ReceiptRead } from '../deposits/receipt.ts'
import { isFinal } from '../deposits/rules.ts'
import type { WatchedToken } from './tokens.ts'

/** What became of a deposit. */
export type Fate =
  /** It stands on the chain; `facts` say where now, and whether that is final. */
  | { kind: 'there'; facts: DepositFacts }
  /** Its block stands, and no source has its receipt: nodes that are still catching up. */
  | { kind: 'unclear' }
  /** It is on no branch. `isReplaced`: another block is at its height already, so the chain has gone on without it. */
  | { kind: 'gone'; isReplaced: boolean }

/** What sources said of a deposit's place. */
export type PlaceReading = {
  /** Of the block at the height that the facts name; undefined while the chain is shorter. */
  canonicalHash: Hex | undefined
  receipt: ReceiptRead | undefined
}

/** Decides what became of a deposit, from what was read and nothing else. */
export function fateOf(
  deployment: Deployment,
  facts: DepositFacts,
  { head, place }: { head: Head; place: PlaceReading },
): Fate {
  const { canonicalHash, receipt } = place
  const log = receipt === undefined ? undefined : logOf(deployment, facts, receipt)
  if (receipt !== undefined && log !== undefined) {
    const { blockNumber, blockHash } = receipt
    const where = { blockNumber: Number(blockNumber), blockHash, logIndex: log.logIndex }
    return { kind: 'there', facts: { ...facts, ...where, isFinal: isFinal(blockNumber, head) } }
  }
  if (canonicalHash === facts.blockHash) return { kind: 'unclear' }
  return { kind: 'gone', isReplaced: canonicalHash !== undefined }
}

/**
 * Whether a deposit that is gone counts as orphaned: at once when the chain has another block in its place, else when
 * the chain has grown by some blocks without it.
 */
export function isOrphaned(
  fate: Fate & { kind: 'gone' },
  { goneSince, headBlock, confirmBlocks }: GoneFor,
): boolean {
  return fate.isReplaced || headBlock - goneSince >= BigInt(confirmBlocks)
}

export type GoneFor = { goneSince: bigint; headBlock: bigint; confirmBlocks: number }

/** Why a token must not be used any more, by what its account is on chain; undefined while it may be. */
export function accountReason(
  { facts, keyCommitment }: WatchedToken,
  account: AccountRead,
): RevocationReason | undefined {
  if (!account.open || account.life !== facts.life) return 'withdrawn'
  const isRekeyed =
    keyCommitment !== undefined && account.keyCommitment !== keyCommitment.toLowerCase()
  return isRekeyed ? 'rekeyed' : undefined
}

/**
 * The log of a receipt on the chain that says the same as the facts. A log's index counts through its block, so in
 * another block the same deposit may have another index; where one transaction made equal deposits, the index decides.
 */
function logOf(
  deployment: Deployment,
  facts: DepositFacts,
  { status, blockHash, canonicalHash, logs }: ReceiptRead,
): LogRead | undefined {
  if (status !== 'success' || blockHash !== canonicalHash) return undefined
  const same = logs.filter((log) => {
    const found = decodeDeposited(deployment, log)
    if (found === undefined) return false
    const { escrow, account, amount, life } = found
    const isSamePlace = escrow.address === facts.escrow && account === facts.account
    return isSamePlace && String(amount) === facts.amount && life === facts.life
  })
  return same.find(({ logIndex }) => logIndex === facts.logIndex) ?? same[0]
}
