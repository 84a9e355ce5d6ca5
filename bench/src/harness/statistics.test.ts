import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { intervalOf, medianOf, percentileOf } from './statistics.ts'

test('the median is the middle value', () => {
  expect(medianOf([3])).toBe(3)
  expect(medianOf([9, 1, 5])).toBe(5)
  expect(medianOf([10, 1, 2, 4])).toBe(3)
  expect(() => medianOf([])).toThrow()
})

test('a percentile is a value that was seen, with enough values below it', () => {
  expect(percentileOf([1, 2, 3, 4], 0.5)).toBe(2)
  expect(percentileOf([7], 0.99)).toBe(7)
  expect(() => percentileOf([], 0.5)).toThrow()
  const values = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 40 })
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (seen, part) => {
      const value = percentileOf(seen, part)
      const below = seen.filter((other) => other <= value).length
      expect(seen).toContain(value)
      expect(below).toBeGreaterThanOrEqual(part * seen.length)
    }),
    { numRuns: 200 },
  )
})

test('the interval of a median holds nothing that was not seen, and counts what sets groups apart', () => {
  const flat = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 2, maxLength: 12 })
  fc.assert(
    fc.property(fc.array(flat, { minLength: 1, maxLength: 5 }), (groups) => {
      const { median, low, high } = intervalOf(groups)
      expect(median).toBe(medianOf(groups.flat()))
      expect(low).toBeLessThanOrEqual(high)
      expect(low).toBeGreaterThanOrEqual(Math.min(...groups.flat()))
      expect(high).toBeLessThanOrEqual(Math.max(...groups.flat()))
    }),
    { numRuns: 20 },
  )
  const [ones, threes] = [Array(8).fill(1), Array(8).fill(3)]
  expect(intervalOf([ones, ones])).toEqual({ median: 1, low: 1, high: 1 })
  expect(intervalOf([ones, ones, threes, threes])).toEqual({ median: 2, low: 1, high: 3 })
})
