import { parseBlockNumber } from '@mooring/protocol/quantity'
import { type Ask, resultOf } from './ask.ts'

/** Where the block stands in the params of methods that read state, and may be left out. */
export const stateBlockPosition: ReadonlyMap<string, number> = new Map([
  ['eth_getBalance', 1],
  ['eth_getCode', 1],
  ['eth_getTransactionCount', 1],
  ['eth_call', 1],
  ['eth_estimateGas', 1],
  ['eth_createAccessList', 1],
  ['eth_simulateV1', 1],
  ['debug_traceCall', 1],
  ['eth_getStorageAt', 2],
  ['eth_getProof', 2],
  ['trace_call', 2],
  ['debug_traceBlockByNumber', 0],
  ['trace_block', 0],
  ['trace_replayBlockTransactions', 0],
])

export function isBlockHash(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)
}

/** Number of the block with a hash, or undefined when the node does not know it. */
export async function numberOfHash(ask: Ask, hash: string): Promise<number | undefined> {
  return numberOf(await resultOf(ask, 'eth_getBlockByHash', [hash, false]))
}

/** Number of the block that a tag such as `finalized` names. */
export async function numberOfTag(ask: Ask, tag: string): Promise<number | undefined> {
  return numberOf(await resultOf(ask, 'eth_getBlockByNumber', [tag, false]))
}

/**
 * The block of a transaction, a receipt, a log or a block itself: its `blockNumber`, else its `number`.
 */
export function numberOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { blockNumber, number } = value as { blockNumber?: unknown; number?: unknown }
  return parseBlockNumber(blockNumber ?? number)
}
