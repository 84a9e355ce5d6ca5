import { concat, type Hex, keccak256 } from 'viem'

/** Written apart from `@mooring/market/settlement/plain-tree`, so that the contracts judge both. */

/** A tree whose inner nodes hash their children in ascending order, as the contracts check it. */
export type MerkleTree = { root: Hex; proofs: readonly (readonly Hex[])[] }

export function createTree(leaves: readonly Hex[]): MerkleTree {
  const [only] = leaves
  if (only === undefined) throw new RangeError('a tree needs a leaf')
  if (leaves.length === 1) return { root: only, proofs: [[]] }
  const middle = Math.ceil(leaves.length / 2)
  const left = createTree(leaves.slice(0, middle))
  const right = createTree(leaves.slice(middle))
  return {
    root: hashOf(left.root, right.root),
    proofs: [
      ...left.proofs.map((proof) => [...proof, right.root]),
      ...right.proofs.map((proof) => [...proof, left.root]),
    ],
  }
}

/** Hashed twice, so that no inner node passes for a leaf. */
export function leafOf(encoded: Hex): Hex {
  return keccak256(keccak256(encoded))
}

function hashOf(one: Hex, other: Hex): Hex {
  return keccak256(one < other ? concat([one, other]) : concat([other, one]))
}
