import type { Deployment } from '@mooring/onchain/deployment'
import type { DepositFacts, VerifierProblemCode } from '@mooring/protocol/access/verifier-wire'
import type { Hex } from 'viem'
import type { Head } from '../chain/head.ts'
import { lowerCase } from '../chain/lower-case.ts'
import { arrivedSum, type Deposited, decodeDeposited, depositedSum } from './deposited.ts'
import type { AccountRead, DepositReading } from './read.ts'
import type { ReceiptRead } from './receipt.ts'

/** Which event of which transaction; the chain and the contract are never the asker's choice. */
export type DepositRequest = { transactionHash: Hex; logIndex: number }

/** `detail` is one sentence for whoever asked. */
export type Refusal = {
  ok: false
  code: VerifierProblemCode
  detail: string
  /** Blocks on top of the deposit, where more of them would help. */
  confirmations?: { have: number; need: number }
}

export type DepositCheck = { ok: true; facts: DepositFacts } | Refusal

export type DepositRules = {
  deployment: Deployment
  /** How many blocks there have to be on top of a deposit's. */
  depthBlocks: number
}

/** Decides from what was read, and from nothing else. Every rule has to hold; the first that does not is told. */
export function judgeDeposit(
  { deployment, depthBlocks }: DepositRules,
  { transactionHash, logIndex }: DepositRequest,
  { head, reading }: { head: Head; reading: DepositReading },
): DepositCheck {
  const { receipt, account } = reading
  if (receipt === undefined) {
    const detail = `no block up to ${head.block} holds this transaction`
    return refuse('NO_SUCH_DEPOSIT', detail)
  }
  const included = inclusionProblem(receipt)
  if (included !== undefined) return included
  const log = receipt.logs.find((one) => one.logIndex === logIndex)
  if (log === undefined) {
    return refuse('NOT_A_DEPOSIT', `the transaction has no log with index ${logIndex}`)
  }
  const deposited = decodeDeposited(deployment, log)
  if (deposited === undefined) {
    return refuse('NOT_A_DEPOSIT', 'the log is no deposit in an escrow of this deployment')
  }
  const problem =
    contractProblem(reading) ??
    moneyProblem({ deployment, receipt, deposited }) ??
    depthProblem({ head, receipt, depthBlocks }) ??
    accountProblem(deposited, account, reading.firstDepositMin)
  if (problem !== undefined) return problem
  const facts = {
    escrow: deposited.escrow.address,
    account: deposited.account,
    // Its digits may come in either case, and all verifiers have to sign the same.
    transactionHash: lowerCase(transactionHash),
    logIndex,
    amount: String(deposited.amount),
    life: deposited.life,
    blockNumber: Number(receipt.blockNumber),
    blockHash: receipt.blockHash,
    isFinal: isFinal(receipt.blockNumber, head),
  }
  return { ok: true, facts }
}

/** Whether every source calls the block final. */
export function isFinal(blockNumber: bigint, { finalBlock }: Head): boolean {
  return finalBlock !== undefined && blockNumber <= finalBlock
}

export function refuse(code: VerifierProblemCode, detail: string): Refusal {
  return { ok: false, code, detail }
}

function inclusionProblem({ canonicalHash, blockHash, status }: ReceiptRead): Refusal | undefined {
  if (canonicalHash !== blockHash) {
    return refuse('ORPHANED', 'the block of this transaction is not part of the chain any more')
  }
  return status === 'success'
    ? undefined
    : refuse('TRANSACTION_FAILED', 'the transaction failed, so nothing was deposited')
}

function contractProblem({ isEscrowOurs }: DepositReading): Refusal | undefined {
  return isEscrowOurs === true
    ? undefined
    : refuse(
        'CONTRACT_UNKNOWN',
        'the contract at the address of the escrow is not the escrow of this version',
      )
}

/** What an escrow says it took in has to have moved: its word is checked against the token's own. */
function moneyProblem(found: {
  deployment: Deployment
  receipt: ReceiptRead
  deposited: Deposited
}): Refusal | undefined {
  const { deployment, receipt, deposited } = found
  const said = depositedSum(deployment, receipt.logs, deposited.escrow)
  const arrived = arrivedSum(receipt.logs, deposited.escrow)
  if (arrived < said) {
    const detail = `the escrow was told of ${said} base units, and ${arrived} arrived`
    return refuse('NOT_A_DEPOSIT', detail)
  }
  return deposited.amount > 0n
    ? undefined
    : refuse('DEPOSIT_TOO_SMALL', 'the deposit is of nothing')
}

function depthProblem(found: {
  head: Head
  receipt: ReceiptRead
  depthBlocks: number
}): Refusal | undefined {
  const { head, receipt, depthBlocks: need } = found
  const have = Number(head.block - receipt.blockNumber)
  if (have >= need) return undefined
  const detail = `${have} blocks are on top of the deposit, and ${need} are needed`
  return { ...refuse('TOO_FEW_CONFIRMATIONS', detail), confirmations: { have, need } }
}

/** A small top-up is as good as what it tops up; what was withdrawn does not count. */
function accountProblem(
  { life }: Deposited,
  account: AccountRead | undefined,
  min: bigint | undefined,
): Refusal | undefined {
  if (!account?.open || account.life !== life) {
    return refuse('ACCOUNT_CLOSED', 'what was deposited has been withdrawn, and the account closed')
  }
  const putIn = account.balance + account.spent
  if (min !== undefined && putIn >= min) return undefined
  const detail = `the account has put in ${putIn} base units, and at least ${min} are needed`
  return refuse('DEPOSIT_TOO_SMALL', detail)
}
