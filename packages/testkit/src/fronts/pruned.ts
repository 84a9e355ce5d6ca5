import { parseBlockNumber } from '@mooring/protocol/quantity'
import { type Ask, resultOf } from './ask.ts'
import { isBlockHash, numberOfHash, stateBlockPosition } from './block-references.ts'

/** The node without the state of blocks before `firstBlock`: blocks, receipts and logs stay. */
export function pruned(ask: Ask, firstBlock: number): Ask {
  return async (method, params) => {
    const position = stateBlockPosition.get(method)
    if (position === undefined) return ask(method, params)
    const block = await explicitBlock(ask, params[position])
    if (block === undefined || block >= firstBlock) return ask(method, params)
    const root = await stateRootOf(ask, block)
    const message = `missing trie node ${root.slice(2)} (path ) state ${root} is not available, not found`
    return { error: { code: -32000, message } }
  }
}

/** Tags other than `earliest` name blocks whose state is kept. */
async function explicitBlock(ask: Ask, reference: unknown): Promise<number | undefined> {
  if (reference === 'earliest') return 0
  if (isBlockHash(reference)) return numberOfHash(ask, reference)
  if (typeof reference === 'object' && reference !== null) {
    const { blockNumber, blockHash } = reference as { blockNumber?: unknown; blockHash?: unknown }
    return isBlockHash(blockHash) ? numberOfHash(ask, blockHash) : parseBlockNumber(blockNumber)
  }
  return parseBlockNumber(reference)
}

async function stateRootOf(ask: Ask, block: number): Promise<string> {
  const header = await resultOf(ask, 'eth_getBlockByNumber', [`0x${block.toString(16)}`, false])
  const { stateRoot } = (header ?? {}) as { stateRoot?: unknown }
  return typeof stateRoot === 'string' ? stateRoot : `0x${'0'.repeat(64)}`
}
