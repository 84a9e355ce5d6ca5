import { escrowAbi } from '@mooring/abis/escrow'
import type { Reader } from '@mooring/onchain/clients'
import { isCodeOf } from '@mooring/onchain/deployed-code'
import type { Deployment } from '@mooring/onchain/deployment'
import type { Hex } from 'viem'
import { lowerCase } from '../chain/lower-case.ts'
import { decodeDeposited, type Escrow } from './deposited.ts'
import { type ReceiptRead, readReceipt } from './receipt.ts'

/** An account of an escrow at the head; amounts in base units of the escrow's asset. */
export type AccountRead = {
  balance: bigint
  /** What was charged during this life. */
  spent: bigint
  life: number
  open: boolean
  keyCommitment: Hex
}

/** Everything that sources were asked about one deposit, as they agreed on it. */
export type DepositReading = {
  /** Undefined when no block up to the head holds the transaction. */
  receipt: ReceiptRead | undefined
  /** Of the account and escrow that the log names; undefined when it is no deposit here. */
  account: AccountRead | undefined
  /** What an account has to have put in at the head. */
  firstDepositMin: bigint | undefined
  /** Whether the contract at the escrow's address is ours and holds the asset it should. */
  isEscrowOurs: boolean | undefined
}

/** @param isEscrowKnown - Its code was looked at before, and is not asked for again. */
export type DepositQuestion = {
  deployment: Deployment
  transactionHash: Hex
  logIndex: number
  headBlock: bigint
  isEscrowKnown: (escrow: Escrow) => boolean
}

/** Reads one source; state is read at the head that all sources have, so no archive is needed. */
export async function readDeposit(
  reader: Reader,
  question: DepositQuestion,
): Promise<DepositReading> {
  const { deployment, transactionHash, logIndex, headBlock } = question
  const receipt = await readReceipt(reader, transactionHash, headBlock)
  const log = receipt?.logs.find((one) => one.logIndex === logIndex)
  const deposited = log === undefined ? undefined : decodeDeposited(deployment, log)
  const nothing = { account: undefined, firstDepositMin: undefined, isEscrowOurs: undefined }
  if (deposited === undefined) return { receipt, ...nothing }
  const { escrow } = deposited
  const isEscrowOurs =
    question.isEscrowKnown(escrow) || (await readIsOurs(reader, escrow, headBlock))
  // A contract that is not ours may answer anything, or nothing that could be read.
  if (!isEscrowOurs) return { receipt, ...nothing, isEscrowOurs }
  const [account, firstDepositMin] = await Promise.all([
    readAccount(reader, { escrow, account: deposited.account, blockNumber: headBlock }),
    reader.readContract({
      ...{ address: escrow.address, abi: escrowAbi, functionName: 'firstDepositMin' },
      blockNumber: headBlock,
    }),
  ])
  return { receipt, account, firstDepositMin, isEscrowOurs }
}

export async function readAccount(
  reader: Reader,
  { escrow, account, blockNumber }: { escrow: Escrow; account: Hex; blockNumber: bigint },
): Promise<AccountRead> {
  const { balance, spent, life, open, keyCommitment } = await reader.readContract({
    ...{ address: escrow.address, abi: escrowAbi, functionName: 'accountOf', args: [account] },
    blockNumber,
  })
  return { balance, spent, life, open, keyCommitment: lowerCase(keyCommitment) }
}

/** Code alone does not say which token an escrow was made for: its constructor was told. */
async function readIsOurs(reader: Reader, escrow: Escrow, blockNumber: bigint): Promise<boolean> {
  const { address } = escrow
  const code = await reader.getCode({ address, blockNumber })
  if (code === undefined || !isCodeOf('escrow', code)) return false
  const asset = await reader.readContract({
    ...{ address, abi: escrowAbi, functionName: 'asset' },
    blockNumber,
  })
  return lowerCase(asset) === escrow.asset
}
