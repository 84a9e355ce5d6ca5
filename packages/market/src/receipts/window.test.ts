import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { leafBytes, type Receipt } from '@mooring/protocol/relays/receipts'
import fc from 'fast-check'
import { breakInSums, noReceipts } from './continues.ts'
import { mergedLeaves, nextAccumulator, windowRootOf } from './window.ts'

const hashOf = (...parts: readonly Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest()
const sha256 = (bytes: Uint8Array, into: Uint8Array) => into.set(hashOf(bytes))
const leaf = fc.uint8Array({ minLength: leafBytes, maxLength: leafBytes })
const leaves = fc.uniqueArray(leaf, {
  ...{ minLength: 1, maxLength: 300 },
  selector: (bytes) => Buffer.from(bytes).toString('latin1'),
})
const inOrder = (all: readonly Uint8Array[]) => all.toSorted((a, b) => Buffer.compare(a, b))

/** As it is written down in the protocol, without any thought of speed. */
function plainRoot(nodes: readonly Uint8Array[]): Uint8Array {
  if (nodes.length === 1) return nodes[0]!
  const above: Uint8Array[] = []
  for (let at = 0; at < nodes.length; at += 16) {
    const below = nodes.slice(at, at + 16)
    above.push(below.length === 1 ? below[0]! : hashOf(Uint8Array.of(1), ...below))
  }
  return plainRoot(above)
}

describe('the root of a window', () => {
  test('is that of the tree as it is written down', () => {
    fc.assert(
      fc.property(leaves, (all) => {
        expect(Buffer.from(windowRootOf(Buffer.concat(all), sha256))).toEqual(
          Buffer.from(plainRoot(all)),
        )
      }),
    )
  })

  test('is another one when a leaf is changed or left out', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), (all, choice) => {
        fc.pre(all.length > 1)
        const at = choice % all.length
        const root = Buffer.from(windowRootOf(Buffer.concat(all), sha256))
        const others = all.filter((_, place) => place !== at)
        const changed = all.with(at, hashOf(all[at]!))
        for (const each of [others, changed]) {
          expect(Buffer.from(windowRootOf(Buffer.concat(each), sha256))).not.toEqual(root)
        }
      }),
    )
  })
})

test('two lists are one in order, each leaf once, or none', () => {
  fc.assert(
    fc.property(leaves, fc.nat(), (all, choice) => {
      const sorted = inOrder(all)
      const one = sorted.filter((_, at) => (choice >> (at % 31)) % 2 === 0)
      const other = sorted.filter((bytes) => !one.includes(bytes))
      const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
      expect(mergedLeaves(joined(one), joined(other))).toEqual(joined(sorted))
      const again = joined([...other, sorted[0]!])
      expect(mergedLeaves(joined(one), again)).toBeUndefined()
      if (sorted.length < 2) return
      expect(mergedLeaves(joined(sorted.toReversed()), joined([]))).toBeUndefined()
    }),
  )
})

test('an accumulator holds every root before it', () => {
  const [first, second] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]
  const none = new Uint8Array(32)
  const both = nextAccumulator(nextAccumulator(none, first, sha256), second, sha256)
  expect(Buffer.from(both)).toEqual(hashOf(hashOf(none, first), second))
  expect(both).not.toEqual(nextAccumulator(nextAccumulator(none, second, sha256), first, sha256))
})

test('sums go on from the receipt before, whatever they are', () => {
  const amount = fc.bigInt({ min: 0n, max: 2n ** 64n })
  fc.assert(
    fc.property(fc.array(fc.tuple(amount, amount), { maxLength: 20 }), (windows) => {
      let before = noReceipts
      for (const [relays, credits] of windows) {
        const receipt: Receipt = {
          ...{ session: '0x', nodeId: 1n, gateway: '0x', chain: '0x', epoch: 1n, tariff: '0x' },
          ...{ windowRoot: '0x', accumulator: '0x', relays, credits, number: before.number + 1n },
          relaysSum: before.relaysSum + relays,
          creditsSum: before.creditsSum + credits,
        }
        expect(breakInSums(before, receipt)).toBeUndefined()
        expect(breakInSums(before, { ...receipt, number: before.number })).toBe('wrong-number')
        const more = { ...receipt, creditsSum: receipt.creditsSum + 1n }
        expect(breakInSums(before, more)).toBe('wrong-sums')
        before = receipt
      }
    }),
  )
})
