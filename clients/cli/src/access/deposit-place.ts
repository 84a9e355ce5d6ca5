import { decodeEvents } from '@mooring/onchain/events/decode'
import {
  type Address,
  type Hex,
  type TransactionReceipt,
  TransactionReceiptNotFoundError,
} from 'viem'
import type { AssetName } from '../economy/amounts.ts'
import type { System } from '../economy/system.ts'
import { CommandError } from '../exit-codes.ts'

/** One deposit on chain. */
export type FoundDeposit = {
  transactionHash: Hex
  logIndex: number
  account: Address
  asset: AssetName
  amount: bigint
  blockNumber: bigint
}

/** @returns Undefined when no block has it. */
export async function readReceipt(
  { reader }: System,
  hash: Hex,
): Promise<TransactionReceipt | undefined> {
  try {
    return await reader.getTransactionReceipt({ hash })
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return undefined
    throw error
  }
}

/**
 * Which event of a transaction is the deposit. Where there are several, it is that of the account, and of them the one
 * that was named.
 */
export function findDeposit(
  { deployment }: System,
  receipt: TransactionReceipt,
  wanted: { account: Address; logIndex?: number | undefined },
): FoundDeposit {
  const { transactionHash, blockNumber, status } = receipt
  if (status !== 'success') {
    throw new CommandError(
      'badInput',
      `${transactionHash} failed, so nothing was deposited with it.`,
    )
  }
  const deposits = decodeEvents(deployment, receipt.logs).flatMap((event): FoundDeposit[] => {
    const isEscrow = event.part === 'ankrEscrow' || event.part === 'stableEscrow'
    if (!isEscrow || event.name !== 'Deposited') return []
    // As the ABI types them.
    const { account, amount } = event.args as { account: Address; amount: bigint }
    const asset = event.part === 'ankrEscrow' ? 'ankr' : 'usd'
    return [{ transactionHash, logIndex: event.logIndex, account, asset, amount, blockNumber }]
  })
  const own = deposits.filter(({ account }) => account === wanted.account)
  const chosen =
    wanted.logIndex === undefined ? own : own.filter(({ logIndex }) => logIndex === wanted.logIndex)
  const [found] = chosen
  if (found !== undefined && chosen.length === 1) return found
  throw new CommandError('badInput', whyNone(deposits, own, wanted))
}

function whyNone(
  deposits: readonly FoundDeposit[],
  own: readonly FoundDeposit[],
  { account, logIndex }: { account: Address; logIndex?: number | undefined },
): string {
  if (deposits.length === 0)
    return 'The transaction holds no deposit in the contracts of this deployment.'
  if (own.length === 0)
    return `The transaction holds no deposit of ${account}: sign as whose it is.`
  const places = own.map((one) => one.logIndex).join(', ')
  return logIndex === undefined
    ? `The transaction holds several deposits of ${account}: say which with --log, one of ${places}.`
    : `Log ${logIndex} of the transaction is no deposit of ${account}: those are at ${places}.`
}
