import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { least, most, mulDivDown, mulDivUp, partDown, sumOf } from './mul-div.ts'

const amounts = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n })
const divisors = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n })

describe('a division that names its direction', () => {
  test('is off by less than one unit of the divisor, down and up', () => {
    fc.assert(
      fc.property(amounts, amounts, divisors, (value, factor, divisor) => {
        const down = mulDivDown(value, factor, divisor) * divisor
        const up = mulDivUp(value, factor, divisor) * divisor
        expect(down <= value * factor && value * factor < down + divisor).toBe(true)
        expect(up >= value * factor && value * factor > up - divisor).toBe(true)
      }),
    )
  })

  test('goes the same way at an exact quotient and one away when there is a rest', () => {
    expect([mulDivDown(6n, 2n, 4n), mulDivUp(6n, 2n, 4n)]).toEqual([3n, 3n])
    expect([mulDivDown(7n, 1n, 4n), mulDivUp(7n, 1n, 4n)]).toEqual([1n, 2n])
    expect([mulDivDown(0n, 5n, 4n), mulDivUp(0n, 5n, 4n)]).toEqual([0n, 0n])
  })

  test('never divides by nothing, and never a negative amount', () => {
    expect(() => mulDivDown(1n, 1n, 0n)).toThrow(RangeError)
    expect(() => mulDivUp(-1n, 1n, 1n)).toThrow(RangeError)
    expect(() => mulDivUp(1n, -1n, 1n)).toThrow(RangeError)
  })

  test('a part in PPM is never more than the whole', () => {
    fc.assert(
      fc.property(amounts, fc.bigInt({ min: 0n, max: 1_000_000n }), (amount, ratePpm) => {
        expect(partDown(amount, ratePpm) <= amount).toBe(true)
      }),
    )
    expect(partDown(1_999_999n, 500_000n)).toBe(999_999n)
  })

  test('least, most and the sum look at every value', () => {
    expect([least(2n, 1n, 3n), most(2n, 1n, 3n), sumOf([2n, 1n, 3n])]).toEqual([1n, 3n, 6n])
    expect([least(2n), most(2n), sumOf([])]).toEqual([2n, 2n, 0n])
  })
})
