import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Hex } from './bytes.ts'
import { keccak } from './epoch.fixtures.ts'
import {
  rootFromProof,
  type SumLeaf,
  type SumNode,
  type SumProof,
  type Sums,
  sumMax,
  sumTree,
} from './sum-tree.ts'

const kind = { name: 'Test', sums: ['credits', 'tokens'] } as const
const sumsOf = fc.tuple(
  fc.bigInt({ min: 0n, max: 2n ** 100n }),
  fc.bigInt({ min: 0n, max: 2n ** 100n }),
)
const leaf: fc.Arbitrary<SumLeaf> = fc.record({
  body: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  sums: sumsOf,
})
const leaves = fc.array(leaf, { minLength: 1, maxLength: 33 })
const leavesAndPlace = leaves.chain((all) =>
  fc.tuple(fc.constant(all), fc.nat({ max: all.length - 1 })),
)
const treeOf = (all: readonly SumLeaf[]) => sumTree(kind, all, keccak)
const rootFrom = (one: SumLeaf, proof: SumProof) =>
  rootFromProof(kind, { leaf: one, proof }, keccak)

/** Every way of changing one thing of a leaf or its proof. */
function forgeries(one: SumLeaf, proof: SumProof): { leaf: SumLeaf; proof: SumProof }[] {
  const bodies = one.body.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
  const longer = Uint8Array.of(...one.body, 0)
  const withSiblings = (siblings: readonly SumNode[]) => ({
    leaf: one,
    proof: { ...proof, siblings },
  })
  return [
    { leaf: { ...one, body: bodies }, proof },
    { leaf: { ...one, body: longer }, proof },
    ...changes(one.sums).map((sums) => ({ leaf: { ...one, sums }, proof })),
    ...changes(proof.sums).map((sums) => ({ leaf: one, proof: { ...proof, sums } })),
    // A leaf that takes more while the whole stays: what it took has to come from a sibling.
    ...proof.siblings.flatMap(({ hash, sums }, at) => [
      ...changes(sums).map((other) => withSiblings(proof.siblings.with(at, { hash, sums: other }))),
      withSiblings(proof.siblings.with(at, { hash: flipped(hash), sums })),
      withSiblings(proof.siblings.toSpliced(at, 1)),
    ]),
    withSiblings([...proof.siblings, { hash: flipped(`0x${'00'.repeat(32)}`), sums: [0n, 0n] }]),
    { leaf: one, proof: { ...proof, at: proof.at + 1 } },
    { leaf: one, proof: { ...proof, at: proof.at - 1 } },
    { leaf: one, proof: { ...proof, count: proof.count + 1 } },
  ]
}

function changes(sums: Sums): Sums[] {
  return sums.flatMap((sum, at) => [sums.with(at, sum + 1n), sums.with(at, sum - 1n)])
}

function word16(value: bigint): string {
  return value.toString(16).padStart(32, '0')
}

function flipped(hash: Hex): Hex {
  return `0x${hash.endsWith('0') ? `${hash.slice(2, -1)}1` : `${hash.slice(2, -1)}0`}`
}

describe('a tree of sums', () => {
  test('proves every leaf, and its root says what all of them add up to', () => {
    fc.assert(
      fc.property(leaves, (all) => {
        const tree = treeOf(all)
        const sum = (place: number) =>
          all.reduce((total, { sums }) => total + (sums[place] ?? 0n), 0n)
        expect(tree.sums).toEqual([sum(0), sum(1)])
        for (const [at, one] of all.entries()) {
          expect(rootFrom(one, tree.proofOf(at))).toBe(tree.root)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('proves nothing after anything of a leaf or of its proof was changed', () => {
    fc.assert(
      fc.property(leavesAndPlace, ([all, at]) => {
        const tree = treeOf(all)
        const one = all[at]
        if (one === undefined) return
        for (const forged of forgeries(one, tree.proofOf(at))) {
          expect(rootFrom(forged.leaf, forged.proof)).not.toBe(tree.root)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('has another root after anything of any leaf was changed, or two leaves changed places', () => {
    fc.assert(
      fc.property(leavesAndPlace, sumsOf, ([all, at], sums) => {
        const { root } = treeOf(all)
        const one = all[at]
        if (one === undefined) return
        const [more = 0n] = one.sums
        expect(
          treeOf(all.with(at, { ...one, sums: [more + 1n, one.sums[1] ?? 0n] })).root,
        ).not.toBe(root)
        expect(treeOf([...all, { body: one.body, sums }]).root).not.toBe(root)
        expect(treeOf(all.toSpliced(at, 1)).root).not.toBe(root)
      }),
      { numRuns: 40 },
    )
  })

  test('takes no inner node for a leaf', () => {
    const all = [1n, 2n, 3n, 4n].map((sum) => ({ body: Uint8Array.of(1), sums: [sum, 0n] }))
    const tree = treeOf(all)
    // What is hashed for the node over the first two, read as a leaf: what follows its first byte as sums and body.
    const [second, above] = tree.proofOf(0).siblings
    const [first] = tree.proofOf(1).siblings
    if (!(first && second && above)) throw new Error('a tree of four has two levels')
    const words = [first, second].flatMap(({ hash, sums }) => [hash, ...sums.map(word16)])
    const bytes = Buffer.from(words.map((word) => word.replace('0x', '')).join(''), 'hex')
    const [high, low] = [0, 16].map((from) =>
      BigInt(`0x${bytes.subarray(from, from + 16).toString('hex')}`),
    )
    const forged = { body: Uint8Array.from(bytes.subarray(32)), sums: [high ?? 0n, low ?? 0n] }
    const sums = [(high ?? 0n) + (above.sums[0] ?? 0n), low ?? 0n]
    const proof = { at: 0, count: 2, sums, siblings: [above] }
    const node = keccak(Uint8Array.of(1, ...bytes))
    expect(`0x${Buffer.from(node).toString('hex')}`).toBe(tree.proofOf(2).siblings[1]?.hash ?? '')
    expect(rootFrom(forged, proof)).not.toBe(tree.root)
    // Nor where it is as deep as a leaf.
    expect(rootFrom(forged, { ...tree.proofOf(0), sums })).not.toBe(tree.root)
  })

  test('has a root for no leaves, and none of it is another tree’s', () => {
    const none = treeOf([])
    expect(none).toMatchObject({ count: 0, sums: [0n, 0n] })
    const other = sumTree({ ...kind, name: 'Other' }, [], keccak)
    expect(other.root).not.toBe(none.root)
    expect(() => none.proofOf(0)).toThrow('no leaf 0')
  })

  test('refuses sums that do not fit, of a leaf and of all', () => {
    const of = (...sums: bigint[]) => ({ body: Uint8Array.of(1), sums })
    expect(treeOf([of(sumMax, 0n)]).sums).toEqual([sumMax, 0n])
    expect(() => treeOf([of(sumMax, 0n), of(1n, 0n)])).toThrow('add up to more')
    expect(() => treeOf([of(sumMax + 1n, 0n)])).toThrow('does not fit')
    expect(() => treeOf([of(-1n, 0n)])).toThrow('does not fit')
    expect(() => treeOf([of(1n)])).toThrow('has 2 sums, not 1')
  })

  test('believes no proof whose sums overflow on the way up', () => {
    const all = [1n, 2n].map((sum) => ({ body: Uint8Array.of(1), sums: [sum, 0n] }))
    const tree = treeOf(all)
    const [one] = all
    const proof = tree.proofOf(0)
    const siblings = proof.siblings.map(({ hash }) => ({ hash, sums: [sumMax, 0n] }))
    if (one === undefined) throw new Error('there is a first leaf')
    expect(rootFrom(one, { ...proof, siblings })).toBeUndefined()
  })

  test('has the bytes that are written down of it', () => {
    // keccak256(0x02 ‖ keccak256("Test") ‖ 8 bytes of count ‖ 32 + 2 × 16 zero bytes), by another program.
    const bytes = new Uint8Array(1 + 32 + 8 + 64)
    bytes[0] = 2
    bytes.set(keccak(new TextEncoder().encode('Test')), 1)
    expect(treeOf([]).root).toBe(`0x${Buffer.from(keccak(bytes)).toString('hex')}`)
  })
})
