import { parseBlockNumber } from '@mooring/protocol/quantity'
import { policyOf } from './methods.ts'

/**
 * The block an answer proves its upstream has.
 *
 * @returns Its number, or undefined when the answer proves none: a null, a pending transaction, an
 *   empty list, another method.
 */
export function revealedBlockOf(method: string, result: unknown): number | undefined {
  const { reveals } = policyOf(method)
  if (reveals === undefined) return undefined
  if (reveals === 'result') return parseBlockNumber(result)
  // Lists are receipts of one block or logs in order, so the last item has the highest number.
  const item: unknown = Array.isArray(result) ? result.at(-1) : result
  if (typeof item !== 'object' || item === null || !Object.hasOwn(item, reveals)) return undefined
  // The member was seen just now.
  return parseBlockNumber((item as Record<string, unknown>)[reveals])
}

/** Whether an answer is of a transaction that its node has not seen in a block. */
export function isPending(method: string, result: unknown): boolean {
  const { readsPool, reveals } = policyOf(method)
  if (!readsPool || reveals === undefined || typeof result !== 'object') return false
  return result !== null && revealedBlockOf(method, result) === undefined
}
