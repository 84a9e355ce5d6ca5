import { sliceItems } from '@mooring/protocol/json-text'
import { parseBlockNumber } from '@mooring/protocol/quantity'

/** Width of the aligned parts that searches are kept in, in blocks: overlapping searches share them. */
export const chunkBlocks = 100
/** A search over more parts than this is passed on as it is. */
const piecesMax = 256
/** Most searches that one search is sent as; with more gaps than that, it is sent whole. */
const runsMax = 3

/** A part of a search, both ends included. */
export type Piece = {
  from: number
  to: number
  /** Whether it cannot change any more, and lies within one chunk. */
  mayKeep: boolean
}

/**
 * Cuts a range into aligned chunks up to the block that answers are kept to, and one rest above it.
 *
 * @returns Ascending and without a gap; undefined when none of it is to be kept, or it is too wide.
 */
export function piecesOf(
  { from, to }: { from: number; to: number },
  keptBlock: number,
): Piece[] | undefined {
  const last = Math.min(to, keptBlock)
  if (last < from || (last - from) / chunkBlocks > piecesMax) return undefined
  const pieces: Piece[] = []
  for (let at = from; at <= last; ) {
    const end = Math.min(chunkOf(at).to, last)
    pieces.push({ from: at, to: end, mayKeep: true })
    at = end + 1
  }
  if (to > last) pieces.push({ from: last + 1, to, mayKeep: false })
  return pieces
}

/** The whole chunk that a block lies in. */
export function chunkOf(block: number): { from: number; to: number } {
  const from = Math.floor(block / chunkBlocks) * chunkBlocks
  return { from, to: from + chunkBlocks - 1 }
}

/**
 * Which searches bring what is missing: one for each gap, or one over all of them when there are many.
 *
 * @param isMissing - For each piece.
 */
export function runsOf(
  pieces: readonly Piece[],
  isMissing: (piece: Piece) => boolean,
): { from: number; to: number }[] {
  const runs: { from: number; to: number }[] = []
  for (const piece of pieces) {
    if (!isMissing(piece)) continue
    const last = runs.at(-1)
    if (last !== undefined && last.to + 1 === piece.from) last.to = piece.to
    else runs.push({ from: piece.from, to: piece.to })
  }
  const [first] = runs
  const last = runs.at(-1)
  if (runs.length <= runsMax || first === undefined || last === undefined) return runs
  return [{ from: first.from, to: last.to }]
}

/** One log: the block it is in, and its text as the node sent it. */
export type LogItem = { block: number; json: string }

/**
 * The logs of an answer in their order.
 *
 * @returns Undefined when they are not what was asked for: outside of the range, or out of order.
 */
export function logItemsOf(
  resultJson: string,
  { from, to }: { from: number; to: number },
): LogItem[] | undefined {
  const texts = sliceItems(resultJson)
  if (texts === undefined) return undefined
  // Sliced out of JSON that was parsed when it came.
  const logs = JSON.parse(resultJson) as readonly ({ blockNumber?: unknown } | null)[]
  const items: LogItem[] = []
  let lowest = from
  for (const [at, json] of texts.entries()) {
    const block = parseBlockNumber(logs[at]?.blockNumber)
    if (block === undefined || block < lowest || block > to) return undefined
    items.push({ block, json })
    lowest = block
  }
  return items
}

export function logsJsonOf(
  items: readonly LogItem[],
  { from, to }: { from: number; to: number },
): string {
  const within = items.filter(({ block }) => block >= from && block <= to)
  return `[${within.map(({ json }) => json).join()}]`
}

/** Lists one after the other, as the text of one list. */
export function joinLists(lists: readonly string[]): string {
  const insides = lists.map((list) =>
    list.slice(list.indexOf('[') + 1, list.lastIndexOf(']')).trim(),
  )
  return `[${insides.filter((inside) => inside !== '').join()}]`
}
