import type { Reader } from '@mooring/onchain/clients'
import type { Hex, TransactionReceipt } from 'viem'
import { hashAt } from '../chain/head.ts'
import { lowerCase } from '../chain/lower-case.ts'

/** A log of a receipt in lower case, without what differs between nodes. */
export type LogRead = { address: Hex; topics: readonly Hex[]; data: Hex; logIndex: number }

/** A receipt, without what differs between nodes. */
export type ReceiptRead = {
  status: 'success' | 'reverted'
  blockNumber: bigint
  blockHash: Hex
  /** Of the block that stands at that height; another than `blockHash` when a fork has undone the block. */
  canonicalHash: Hex | undefined
  logs: readonly LogRead[]
}

/**
 * A source's receipt of a transaction.
 *
 * @param headBlock - What is above is not there: other sources may not have it yet.
 */
export async function readReceipt(
  reader: Reader,
  transactionHash: Hex,
  headBlock: bigint,
): Promise<ReceiptRead | undefined> {
  const receipt = await findReceipt(reader, transactionHash)
  if (receipt === undefined) return undefined
  const { status, blockNumber, blockHash } = receipt
  // Nodes that keep receipts of what is not in a block yet have neither.
  if (blockNumber === null || blockHash === null || blockNumber > headBlock) return undefined
  if (receipt.transactionHash.toLowerCase() !== transactionHash.toLowerCase()) {
    throw new Error('the receipt is of another transaction than was asked for')
  }
  const logs = receipt.logs.map(({ address, topics, data, logIndex }) => {
    return {
      ...{ address: lowerCase(address), topics: topics.map(lowerCase) },
      ...{ data: lowerCase(data), logIndex },
    }
  })
  const canonicalHash = await hashAt(reader, blockNumber)
  return { status, blockNumber, blockHash: lowerCase(blockHash), canonicalHash, logs }
}

async function findReceipt(reader: Reader, hash: Hex): Promise<TransactionReceipt | undefined> {
  try {
    return await reader.getTransactionReceipt({ hash })
  } catch (error) {
    if (error instanceof Error && error.name === 'TransactionReceiptNotFoundError') return undefined
    throw error
  }
}
