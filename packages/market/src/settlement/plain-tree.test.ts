import { expect, test } from 'bun:test'
import { keccak_256 as keccak } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { fromHex, type Hex, toHex } from './bytes.ts'
import { addressOf } from './epoch.fixtures.ts'
import { chargeTree, payoutTree } from './plain-tree.ts'

const leaves = fc
  .array(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), { minLength: 1, maxLength: 40 })
  .map((totals) => totals.map((cumulative, at) => ({ providerId: BigInt(at + 1), cumulative })))

/** What the contracts do with a proof, written down once more. */
function rootFrom(leaf: Hex, proof: readonly Hex[]): Hex {
  return proof.reduce((hash, other) => {
    const pair = BigInt(hash) < BigInt(other) ? [hash, other] : [other, hash]
    return toHex(keccak(concatBytes(...pair.map(fromHex))))
  }, leaf)
}

function word(value: bigint | number): string {
  return value.toString(16).padStart(64, '0')
}

function hashOf(...words: readonly string[]): Hex {
  return toHex(keccak(keccak(fromHex(`0x${words.join('')}`))))
}

test('every leaf of a tree is proven, and no other is', () => {
  fc.assert(
    fc.property(leaves, (all) => {
      const tree = payoutTree(all, keccak)
      for (const [at, { providerId, cumulative }] of all.entries()) {
        const proof = tree.proofOf(at)
        expect(rootFrom(hashOf(word(providerId), word(cumulative)), proof)).toBe(tree.root)
        const more = hashOf(word(providerId), word(cumulative + 1n))
        expect(rootFrom(more, proof)).not.toBe(tree.root)
      }
    }),
  )
})

test('a leaf of charges is its account, life and total', () => {
  const leaf = { account: addressOf(0xabc), life: 3, total: 5n }
  const tree = chargeTree([leaf], keccak)
  expect(tree.root).toBe(hashOf(word(0xabc), word(3), word(5)))
  expect(tree.proofOf(0)).toEqual([])
})

test('a tree of none is refused', () => {
  expect(() => chargeTree([], keccak)).toThrow('at least one leaf')
})
