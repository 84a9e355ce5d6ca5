import { parseBlockNumber } from '@mooring/protocol/quantity'
import type { BlockHeader, ResultReading, RevealedBlock } from '../../family.ts'
import { tellsTimeouts } from './error-results.ts'
import { policyOf } from './methods.ts'

/** The member that holds the hash of the block whose number stands in another one. */
const hashMembers = { number: 'hash', blockNumber: 'blockHash' } as const

/** How far the rules on results read into a result of the method. */
export function readingOf(method: string): ResultReading {
  if (tellsTimeouts(method)) return 'whole'
  const { reveals } = policyOf(method)
  if (reveals === 'number') return ofNumber
  return reveals === 'blockNumber' ? ofBlockNumber : 'kind'
}

// Made once: every relay asks.
const ofNumber = { members: ['number', hashMembers.number] }
const ofBlockNumber = { members: ['blockNumber', hashMembers.blockNumber] }

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
