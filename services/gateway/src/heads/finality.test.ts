import { expect, test } from 'bun:test'
import { reachedBy } from './finality.ts'

const claims = (...blocks: [string, number][]) =>
  blocks.map(([provider, block]) => ({ provider, block }))

test('a block is final when two providers have reached it, however far ahead one is', () => {
  expect(reachedBy(2, claims(['a', 100], ['b', 98], ['liar', 9_000]))).toBe(100)
  expect(reachedBy(2, claims(['liar', 9_000], ['liar', 8_000], ['a', 100]))).toBe(100)
  expect(reachedBy(2, claims(['a', 100]))).toBeUndefined()
  expect(reachedBy(1, claims(['a', 100]))).toBe(100)
})
