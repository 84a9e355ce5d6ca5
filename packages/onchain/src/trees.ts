import { type Address, concat, encodeAbiParameters, type Hex, keccak256 } from 'viem'

/**
 * Merkle trees as the contracts check them: a leaf is hashed twice, so that no inner node can pass for one, and pairs
 * are hashed in ascending order, so that a proof needs no sides.
 */
export type Tree = {
  readonly root: Hex
  /** In the order the leaves were given in. */
  proofOf(at: number): Hex[]
}

/** What an account has used in one life, in base units of the escrow's asset. */
export type ChargeLeaf = { account: Address; life: number; total: bigint }
/** What a provider has earned over all epochs, in base units of ANKR. */
export type PayoutLeaf = { providerId: bigint; cumulative: bigint }

export function chargeTree(leaves: readonly ChargeLeaf[]): Tree {
  return treeOf(
    leaves.map(({ account, life, total }) =>
      encodeAbiParameters(
        [{ type: 'address' }, { type: 'uint32' }, { type: 'uint128' }],
        [account, life, total],
      ),
    ),
  )
}

export function payoutTree(leaves: readonly PayoutLeaf[]): Tree {
  return treeOf(
    leaves.map(({ providerId, cumulative }) =>
      encodeAbiParameters([{ type: 'uint64' }, { type: 'uint256' }], [providerId, cumulative]),
    ),
  )
}

/** @param encoded - ABI-encoded leaves, at least one. */
function treeOf(encoded: readonly Hex[]): Tree {
  const levels = [encoded.map((leaf) => keccak256(keccak256(leaf)))]
  for (let level = levels[0] ?? []; level.length > 1; ) {
    level = parentsOf(level)
    levels.push(level)
  }
  const root = levels.at(-1)?.[0]
  if (root === undefined) throw new Error('a tree needs at least one leaf')
  return {
    root,
    proofOf: (at) =>
      levels.flatMap((level, height) => {
        // The one beside it; the last of an odd level stands alone and goes up as it is.
        const sibling = level[(at >> height) ^ 1]
        return sibling === undefined ? [] : [sibling]
      }),
  }
}

function parentsOf(level: readonly Hex[]): Hex[] {
  const parents: Hex[] = []
  for (let at = 0; at < level.length; at += 2) {
    const [one, other] = [level[at], level[at + 1]]
    if (one === undefined) continue
    parents.push(other === undefined ? one : hashPair(one, other))
  }
  return parents
}

function hashPair(one: Hex, other: Hex): Hex {
  return keccak256(BigInt(one) < BigInt(other) ? concat([one, other]) : concat([other, one]))
}
