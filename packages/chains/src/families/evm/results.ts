import { parseBlockNumber } from '@mooring/protocol/quantity'
import type { BlockHeader, NamedBlock, RevealedBlock } from '../../family.ts'
import { policyOf } from './methods.ts'

/** The member that holds the hash of the block whose number stands in another one. */
const hashMembers = { number: 'hash', blockNumber: 'blockHash' } as const

/**
 * The block an answer proves its upstream has.
 *
 * @returns Its number and hash, or undefined when the answer proves none: a null, a pending transaction,
 *   an empty list, another method.
 */
export function revealedBlockOf(method: string, result: unknown): RevealedBlock | undefined {
  const { reveals } = policyOf(method)
  if (reveals === undefined) return undefined
  if (reveals === 'result') return numbered(parseBlockNumber(result), undefined)
  // Lists are receipts of one block or logs in order, so the last item has the highest number.
  return blockOf(Array.isArray(result) ? result.at(-1) : result, reveals)
}

/** Every block that an answer names by number and hash; of many items of one block, once. */
export function blocksNamedIn(method: string, result: unknown): readonly NamedBlock[] {
  const { reveals } = policyOf(method)
  if (reveals === undefined || reveals === 'result') return []
  const blocks = new Map<string, NamedBlock>()
  for (const item of Array.isArray(result) ? result : [result]) {
    const block = blockOf(item, reveals)
    if (block?.hash !== undefined) blocks.set(block.hash, { ...block, hash: block.hash })
  }
  return [...blocks.values()]
}

/** Whether an answer is of a transaction that its node has not seen in a block. */
export function isPending(method: string, result: unknown): boolean {
  const { readsPool, reveals } = policyOf(method)
  if (!readsPool || reveals === undefined || typeof result !== 'object') return false
  return result !== null && revealedBlockOf(method, result) === undefined
}

/** A block as a node describes it, or undefined when the answer describes none. */
export function parseHeader(result: unknown): BlockHeader | undefined {
  const block = blockOf(result, 'number')
  const parentHash = parseHash((result as { parentHash?: unknown } | null)?.parentHash)
  if (block?.hash === undefined || parentHash === undefined) return undefined
  return { number: block.number, hash: block.hash, parentHash }
}

function blockOf(item: unknown, reveals: 'number' | 'blockNumber'): RevealedBlock | undefined {
  if (typeof item !== 'object' || item === null || !Object.hasOwn(item, reveals)) return undefined
  // Only members that the object has are read.
  const members = item as Record<string, unknown>
  return numbered(parseBlockNumber(members[reveals]), parseHash(members[hashMembers[reveals]]))
}

function numbered(number: number | undefined, hash: string | undefined): RevealedBlock | undefined {
  return number === undefined ? undefined : { number, hash }
}

function parseHash(value: unknown): string | undefined {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/i.test(value)
    ? value.toLowerCase()
    : undefined
}
