import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { MethodBook, ServedRelays } from './served-relays.ts'

const leafOf = (number: number) => {
  const bytes = new Bun.CryptoHasher('sha256').update(String(number)).digest()
  return new Uint8Array(bytes)
}
const wordsOf = (number: number) => new Uint32Array(leafOf(number).buffer)

test('relays are found with their methods until they are removed or old, whatever comes in between', () => {
  const step = fc.record({
    does: fc.constantFrom('add', 'add', 'add', 'remove', 'forget'),
    count: fc.integer({ min: 1, max: 300 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const served = new ServedRelays()
      const model = new Map<number, { method: number; second: number }>()
      let [made, second] = [0, 0]
      for (const { does, count } of steps) {
        second++
        if (does === 'add') {
          for (let at = 0; at < count; at++) {
            served.add(wordsOf(++made), made % 4_096, second + 0.5)
            model.set(made, { method: made % 4_096, second })
          }
        } else if (does === 'remove') {
          const some = [...model.keys()].slice(-count)
          served.remove(new Uint8Array(Buffer.concat(some.map(leafOf))))
          for (const each of some) model.delete(each)
        } else {
          const old = [...model].filter(([, each]) => each.second < second - 3)
          expect(served.forget(second - 3)).toBe(old.length)
          for (const [each] of old) model.delete(each)
        }
        expect(served.size).toBe(model.size)
      }
      const all = [...model.keys()]
      const leaves = (numbers: readonly number[]) =>
        new Uint8Array(Buffer.concat(numbers.map(leafOf)))
      expect(served.methodsOf(leaves(all))).toEqual(all.map((each) => model.get(each)!.method))
      expect(served.methodsOf(leaves([...all, made + 1]))).toBeUndefined()
    }),
    { numRuns: 60 },
  )
})

test('a leaf that only begins like one that was served is none', () => {
  const served = new ServedRelays()
  served.add(wordsOf(1), 3, 0)
  const other = leafOf(1)
  other[31]! ^= 1
  expect(served.methodsOf(other)).toBeUndefined()
  // At a place that no number of four bytes could be read from.
  const shifted = new Uint8Array(33)
  shifted.set(leafOf(1), 1)
  expect(served.methodsOf(shifted.subarray(1))).toEqual([3])
})

test('names of methods that are made up end at some number', () => {
  const book = new MethodBook((name) => name === 'eth_call')
  expect(book.of('eth_call')).toEqual({ id: 0, name: 'eth_call', isRepeatable: true })
  for (let at = 0; at < 5_000; at++) book.of(`eth_${at}`)
  expect(book.of('eth_9999')).toBeUndefined()
  expect(book.of('eth_call')?.id).toBe(0)
  expect(book.nameOf(1)).toBe('eth_0')
})
