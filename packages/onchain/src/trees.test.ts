import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { concat, encodeAbiParameters, type Hex, keccak256, padHex, toHex } from 'viem'
import { chargeTree, payoutTree } from './trees.ts'

const leaves = fc
  .array(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), { minLength: 1, maxLength: 40 })
  .map((totals) => totals.map((cumulative, at) => ({ providerId: BigInt(at + 1), cumulative })))

/** What the contracts do with a proof, written down once more. */
function rootFrom(leaf: Hex, proof: readonly Hex[]): Hex {
  return proof.reduce(
    (hash, other) =>
      keccak256(BigInt(hash) < BigInt(other) ? concat([hash, other]) : concat([other, hash])),
    leaf,
  )
}

function hashOf({ providerId, cumulative }: { providerId: bigint; cumulative: bigint }): Hex {
  const types = [{ type: 'uint64' }, { type: 'uint256' }] as const
  return keccak256(keccak256(encodeAbiParameters(types, [providerId, cumulative])))
}

test('every leaf of a tree is proven, and no other is', () => {
  fc.assert(
    fc.property(leaves, (all) => {
      const tree = payoutTree(all)
      for (const [at, leaf] of all.entries()) {
        const proof = tree.proofOf(at)
        expect(rootFrom(hashOf(leaf), proof)).toBe(tree.root)
        const more = { ...leaf, cumulative: leaf.cumulative + 1n }
        expect(rootFrom(hashOf(more), proof)).not.toBe(tree.root)
      }
    }),
  )
})

test('a tree of one leaf is its hash, a tree of none is refused', () => {
  const leaf = { account: padHex(toHex(1), { size: 20 }), life: 0, total: 1n }
  expect(chargeTree([leaf]).proofOf(0)).toEqual([])
  expect(() => chargeTree([])).toThrow('at least one leaf')
})
