import { abiWords, fromHex, type Hex, type Keccak, toHex } from './bytes.ts'

/**
 * Merkle trees as the contracts check them: a leaf is hashed twice, so that no inner node can pass for one, and pairs
 * are hashed in ascending order, so that a proof needs no sides.
 */
export type PlainTree = {
  readonly root: Hex
  /** In the order the leaves were given in. */
  proofOf(at: number): Hex[]
}

/** What an account has used in one life, in base units of the escrow's asset. */
export type ChargeLeaf = { account: Hex; life: number; total: bigint }
/** What a provider has earned over all epochs, in base units of ANKR. */
export type PayoutLeaf = { providerId: bigint; cumulative: bigint }

/** As `Escrow.applyCharges` takes its leaves. */
export function chargeTree(leaves: readonly ChargeLeaf[], keccak: Keccak): PlainTree {
  return plainTree(
    leaves.map(({ account, life, total }) => abiWords([account, BigInt(life), total])),
    keccak,
  )
}

/** As `RewardDistributor.push` takes its leaves. */
export function payoutTree(leaves: readonly PayoutLeaf[], keccak: Keccak): PlainTree {
  return plainTree(
    leaves.map(({ providerId, cumulative }) => abiWords([providerId, cumulative])),
    keccak,
  )
}

/** @param encoded - ABI-encoded leaves, at least one. */
function plainTree(encoded: readonly Uint8Array[], keccak: Keccak): PlainTree {
  const levels = [encoded.map((leaf) => toHex(keccak(keccak(leaf))))]
  for (let level = levels[0] ?? []; level.length > 1; ) {
    level = parentsOf(level, keccak)
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

function parentsOf(level: readonly Hex[], keccak: Keccak): Hex[] {
  const parents: Hex[] = []
  for (let at = 0; at < level.length; at += 2) {
    const [one, other] = [level[at], level[at + 1]]
    if (one === undefined) continue
    parents.push(other === undefined ? one : hashPair(one, other, keccak))
  }
  return parents
}

/** Lower-case digits are in the order of what they stand for. */
function hashPair(one: Hex, other: Hex, keccak: Keccak): Hex {
  const pair = one < other ? [one, other] : [other, one]
  return toHex(keccak(abiWords(pair.map(fromHex))))
}
