import { expect, test } from 'bun:test'
import { seededRandom, seedOf } from './random.ts'

test('one seed gives one row of numbers, spread over 0 ≤ n < 1', () => {
  const [first, second] = [seededRandom(5), seededRandom(5)]
  const row = Array.from({ length: 1_000 }, first)
  expect(Array.from({ length: 1_000 }, second)).toEqual(row)
  expect(row.every((value) => value >= 0 && value < 1)).toBeTrue()
  expect(row.reduce((sum, value) => sum + value, 0) / row.length).toBeCloseTo(0.5, 1)
})

test('names have seeds of their own', () => {
  expect(seedOf('alpha/one')).not.toBe(seedOf('alpha/two'))
})
