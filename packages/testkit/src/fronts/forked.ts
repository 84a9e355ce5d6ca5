import { type Ask, resultOf } from './ask.ts'
import { isBlockHash, numberOf, numberOfHash, stateBlockPosition } from './block-references.ts'

/**
 * A node that knows the blocks of its own fork alone. An anvil that was forked from another one fetches what
 * it does not have from there, and answers for a block of that chain with the state of its own.
 */
export function forked(ask: Ask): Ask {
  return async (method, params) => {
    const hash = hashOf(method, params)
    if (hash === undefined || (await isOwn(ask, hash))) return ask(method, params)
    return method.includes('ByHash') || method.includes('ByBlockHash')
      ? { result: null }
      : { error: { code: -32000, message: 'header not found' } }
  }
}

/** The hash of a block that a question names. */
function hashOf(method: string, params: readonly unknown[]): string | undefined {
  const isLogs = method === 'eth_getLogs'
  const isByHash = method.startsWith('eth_getBlock') || method.includes('ByBlockHash')
  const position = isLogs || isByHash ? 0 : stateBlockPosition.get(method)
  if (position === undefined) return undefined
  const reference = params[position]
  if (isBlockHash(reference)) return reference
  if (typeof reference !== 'object' || reference === null) return undefined
  const { blockHash } = reference as { blockHash?: unknown }
  return isBlockHash(blockHash) ? blockHash : undefined
}

async function isOwn(ask: Ask, hash: string): Promise<boolean> {
  const number = await numberOfHash(ask, hash)
  if (number === undefined) return false
  const own = await resultOf(ask, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false])
  return numberOf(own) === number && (own as { hash?: unknown }).hash === hash
}
