import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { medianOf, percentileOf } from './statistics.ts'

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
