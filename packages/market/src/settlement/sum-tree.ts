import { fromHex, type Hex, hashText, type Keccak, toHex, writeUint } from './bytes.ts'

/**
 * A Merkle tree whose nodes hold the sums of what is below them, so that its root says what all leaves add up to and a
 * proof shows that one leaf is a part of these sums. Sums are several numbers side by side, such as credits and tokens.
 *
 *     leaf = keccak(0x00 ‖ sums ‖ body)
 *     node = keccak(0x01 ‖ left ‖ left sums ‖ right ‖ right sums)
 *     root = keccak(0x02 ‖ keccak(name) ‖ count ‖ top ‖ top sums)
 *
 * The first byte tells the three apart, so none passes for another. Sums are 16 bytes each and the count is 8. The last
 * of an odd level goes up as it is; with the count, a place has one path only. A tree without leaves has zeros on top.
 */
export type SumTree = {
  readonly root: Hex
  readonly count: number
  readonly sums: Sums
  /** @param at - Its place among the leaves. */
  proofOf(at: number): SumProof
}

export type Sums = readonly bigint[]

export type SumLeaf = { body: Uint8Array; sums: Sums }

/** What has to be known besides a leaf to come to the root. */
export type SumProof = {
  /** The place of the leaf, counted from 0. */
  at: number
  count: number
  /** Of the whole tree. */
  sums: Sums
  /** From the leaf upwards. */
  siblings: readonly SumNode[]
}

export type SumNode = { hash: Hex; sums: Sums }

/** What a tree is of: its name is part of the root, so that no root passes for one of another tree. */
export type SumTreeKind = { name: string; sums: readonly string[] }

/** The largest sum, and the most leaves. */
export const sumMax = 2n ** 128n - 1n
export const leavesMax = 2 ** 30

const sumBytes = 16
const countBytes = 8
const hashBytes = 32
const leafMark = 0
const nodeMark = 1
const rootMark = 2

type Node = { hash: Uint8Array; sums: Sums }

/** @throws RangeError when a sum is negative or larger than `sumMax`. */
export function sumTree(kind: SumTreeKind, leaves: readonly SumLeaf[], keccak: Keccak): SumTree {
  if (leaves.length > leavesMax) throw new RangeError(`a tree has at most ${leavesMax} leaves`)
  const levels = [leaves.map((leaf) => leafNode(kind, leaf, keccak))]
  for (let level = levels[0] ?? []; level.length > 1; ) {
    level = parentsOf(level, keccak)
    levels.push(level)
  }
  const top = levels.at(-1)?.[0] ?? emptyTop(kind)
  const count = leaves.length
  return {
    count,
    sums: top.sums,
    root: toHex(rootOf(kind, { count, top }, keccak)),
    proofOf: (at) => ({ at, count, sums: top.sums, siblings: siblingsOf(levels, at) }),
  }
}

/**
 * The root that a leaf and its proof lead to, to be compared with one that is trusted. Undefined where they fit no tree:
 * a place outside it, too few or too many siblings, or sums that do not add up to those of the whole.
 */
export function rootFromProof(
  kind: SumTreeKind,
  { leaf, proof }: { leaf: SumLeaf; proof: SumProof },
  keccak: Keccak,
): Hex | undefined {
  const { at, count, siblings } = proof
  const isPlace = Number.isSafeInteger(at) && at >= 0 && at < count && count <= leavesMax
  const parts = [leaf, proof, ...siblings]
  if (!isPlace || !parts.every(({ sums }) => areSums(kind, sums))) return undefined
  if (!siblings.every(({ hash }) => hashForm.test(hash))) return undefined
  const top = climb(leafNode(kind, leaf, keccak), proof, keccak)
  const isWhole = top?.sums.every((sum, place) => sum === proof.sums[place])
  if (top === undefined || !isWhole) return undefined
  return toHex(rootOf(kind, { count, top }, keccak))
}

/** Undefined where the number of siblings is not that of the place. */
function climb(leaf: Node, { at, count, siblings }: SumProof, keccak: Keccak): Node | undefined {
  let node = leaf
  let used = 0
  for (let place = at, width = count; width > 1; place >>= 1, width = (width + 1) >> 1) {
    // The last of an odd level has nobody beside it.
    if (place === width - 1 && width % 2 === 1) continue
    const sibling = siblings[used++]
    if (sibling === undefined) return undefined
    const other = { hash: fromHex(sibling.hash), sums: sibling.sums }
    if (node.sums.some((sum, at) => sum + (other.sums[at] ?? 0n) > sumMax)) return undefined
    node = place % 2 === 0 ? parentOf(node, other, keccak) : parentOf(other, node, keccak)
  }
  return used === siblings.length ? node : undefined
}

const hashForm = /^0x[0-9a-f]{64}$/

function areSums(kind: SumTreeKind, sums: Sums): boolean {
  return sums.length === kind.sums.length && sums.every((sum) => sum >= 0n && sum <= sumMax)
}

function emptyTop({ sums }: SumTreeKind): Node {
  return { hash: new Uint8Array(hashBytes), sums: sums.map(() => 0n) }
}

function siblingsOf(levels: readonly (readonly Node[])[], at: number): SumNode[] {
  const [leaves = []] = levels
  if (leaves[at] === undefined) throw new RangeError(`a tree of ${leaves.length} has no leaf ${at}`)
  return levels.flatMap((level, height) => {
    const sibling = level[(at >> height) ^ 1]
    return sibling === undefined ? [] : [{ hash: toHex(sibling.hash), sums: sibling.sums }]
  })
}

function parentsOf(level: readonly Node[], keccak: Keccak): Node[] {
  const parents: Node[] = []
  for (let at = 0; at < level.length; at += 2) {
    const [one, other] = [level[at], level[at + 1]]
    if (one === undefined) continue
    parents.push(other === undefined ? one : parentOf(one, other, keccak))
  }
  return parents
}

function leafNode(kind: SumTreeKind, { body, sums }: SumLeaf, keccak: Keccak): Node {
  if (sums.length !== kind.sums.length) {
    throw new RangeError(`a leaf of ${kind.name} has ${kind.sums.length} sums, not ${sums.length}`)
  }
  const bytes = new Uint8Array(1 + sums.length * sumBytes + body.length)
  bytes[0] = leafMark
  writeSums(bytes, sums, 1)
  bytes.set(body, 1 + sums.length * sumBytes)
  return { hash: keccak(bytes), sums }
}

function parentOf(left: Node, right: Node, keccak: Keccak): Node {
  const side = hashBytes + left.sums.length * sumBytes
  const bytes = new Uint8Array(1 + 2 * side)
  bytes[0] = nodeMark
  writeNode(bytes, left, 1)
  writeNode(bytes, right, 1 + side)
  const sums = left.sums.map((sum, at) => checkedSum(sum + (right.sums[at] ?? 0n)))
  return { hash: keccak(bytes), sums }
}

function rootOf(
  { name }: SumTreeKind,
  { count, top }: { count: number; top: Node },
  keccak: Keccak,
): Uint8Array {
  const side = hashBytes + top.sums.length * sumBytes
  const bytes = new Uint8Array(1 + hashBytes + countBytes + side)
  bytes[0] = rootMark
  bytes.set(hashText(keccak, name), 1)
  writeUint(bytes, BigInt(count), { at: 1 + hashBytes, length: countBytes })
  writeNode(bytes, top, 1 + hashBytes + countBytes)
  return keccak(bytes)
}

function writeNode(bytes: Uint8Array, { hash, sums }: Node, at: number): void {
  bytes.set(hash, at)
  writeSums(bytes, sums, at + hashBytes)
}

function writeSums(bytes: Uint8Array, sums: Sums, at: number): void {
  for (const [place, sum] of sums.entries()) {
    writeUint(bytes, sum, { at: at + place * sumBytes, length: sumBytes })
  }
}

function checkedSum(sum: bigint): bigint {
  if (sum > sumMax) throw new RangeError(`the leaves of a tree add up to more than ${sumMax}`)
  return sum
}
