import { leafBytes } from '@mooring/protocol/relays/receipts'

/** SHA-256 of some bytes, into 32 others: the system's is many times as fast as one that is written here. */
export type Sha256 = (bytes: Uint8Array, into: Uint8Array) => void

/** Leaves of two lists as one, in ascending order; undefined where either is out of order or a leaf stands twice. */
export function mergedLeaves(one: Uint8Array, other: Uint8Array): Uint8Array | undefined {
  if (other.length === 0) return isAscending(one) ? one : undefined
  const merged = new Uint8Array(one.length + other.length)
  let [oneAt, otherAt] = [0, 0]
  for (let at = 0; at < merged.length; at += leafBytes) {
    const isOne =
      otherAt >= other.length || (oneAt < one.length && isBefore(one, oneAt, other, otherAt))
    const from = isOne ? oneAt : otherAt
    merged.set((isOne ? one : other).subarray(from, from + leafBytes), at)
    if (isOne) oneAt += leafBytes
    else otherAt += leafBytes
  }
  return isAscending(merged) ? merged : undefined
}

function isAscending(leaves: Uint8Array): boolean {
  for (let at = leafBytes; at < leaves.length; at += leafBytes) {
    if (!isBefore(leaves, at - leafBytes, leaves, at)) return false
  }
  return true
}

function isBefore(one: Uint8Array, oneAt: number, other: Uint8Array, otherAt: number): boolean {
  for (let at = 0; at < leafBytes; at++) {
    // Both are as long as leaves are.
    const difference = one[oneAt + at]! - other[otherAt + at]!
    if (difference !== 0) return difference < 0
  }
  return false
}

/**
 * Root of a window's Merkle tree. Each inner node has up to sixteen below it: that takes a tenth of the hashing of a tree of
 * pairs, and a leaf is still shown with some 1.5 KB. An inner node begins with a byte that makes it longer than what a leaf is
 * the hash of, so that one cannot be shown for the other.
 *
 * @param leaves - At least one, in order, each 32 bytes.
 */
export function windowRootOf(leaves: Uint8Array, sha256: Sha256): Uint8Array {
  const marked = new Uint8Array(1 + branches * leafBytes)
  marked[0] = innerMark
  let row = leaves
  while (row.length > leafBytes) {
    const count = Math.ceil(row.length / (branches * leafBytes))
    const above = new Uint8Array(count * leafBytes)
    for (let at = 0; at < count; at++) {
      const below = row.subarray(at * branches * leafBytes, (at + 1) * branches * leafBytes)
      const into = above.subarray(at * leafBytes, (at + 1) * leafBytes)
      marked.set(below, 1)
      // A lone node goes up as it is.
      if (below.length === leafBytes) into.set(below)
      else sha256(marked.subarray(0, 1 + below.length), into)
    }
    row = above
  }
  return row.slice()
}

export function nextAccumulator(
  before: Uint8Array,
  windowRoot: Uint8Array,
  sha256: Sha256,
): Uint8Array {
  const both = new Uint8Array(2 * leafBytes)
  both.set(before)
  both.set(windowRoot, leafBytes)
  const next = new Uint8Array(leafBytes)
  sha256(both, next)
  return next
}

const innerMark = 1
const branches = 16
