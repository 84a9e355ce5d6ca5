import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { CommandError } from '../exit-codes.ts'
import {
  ankrAsset,
  assetsWith,
  formatAnkr,
  formatAsset,
  formatDate,
  formatPpm,
  formatSpan,
  parseAmount,
  parsePercent,
} from './amounts.ts'

const { usd } = assetsWith(6)

describe('amounts', () => {
  test('what is printed is read back to the last base unit', () => {
    const anyAmount = fc.bigInt({ min: 0n, max: 10n ** 30n })
    fc.assert(
      fc.property(anyAmount, fc.constantFrom(ankrAsset, usd), (amount, asset) => {
        const [text = ''] = formatAsset(amount, asset).split(' ')
        return parseAmount(text, asset) === amount
      }),
    )
  })

  test.each([
    ['1000', 10n ** 21n],
    ['1,000', 10n ** 21n],
    ['1,000,000.25', 100_000_025n * 10n ** 16n],
    ['200_000.5', 2_000_005n * 10n ** 17n],
    ['0.000000000000000001', 1n],
  ])('%p is read', (text, amount) => {
    expect(parseAmount(text, ankrAsset)).toBe(amount)
  })

  test.each([
    '',
    '-1',
    '1e3',
    '1.',
    '.5',
    '1,00',
    '10,0000',
    '0,500',
    '1000,000',
    '1.000,000',
    '00000,001',
    '1,000_000',
    '0x10',
    '1 000',
    'all',
    '١',
  ])('%p is refused rather than guessed', (text) => {
    expect(() => parseAmount(text, ankrAsset)).toThrow(CommandError)
  })

  test('what is finer than the asset is refused', () => {
    expect(() => parseAmount('0.0000001', usd)).toThrow('more than 6 decimals')
  })

  test('thousands are parted and no digit is lost', () => {
    expect(formatAnkr(1_234_567n * 10n ** 18n + 1n)).toBe('1,234,567.000000000000000001 ANKR')
    expect(formatAsset(27_000_000n, usd)).toBe('27 USD')
  })
})

test('percentages are parts per million', () => {
  expect([parsePercent('10%'), parsePercent('12.5 %'), parsePercent('0.0001')]).toEqual([
    100_000n,
    125_000n,
    1n,
  ])
  expect(() => parsePercent('0,010%')).toThrow('is no percentage')
  expect(() => parsePercent('0.00001')).toThrow('more than 4 decimals')
  expect(formatPpm(125_000n)).toBe('12.5 %')
})

test('spans and dates say how long', () => {
  expect([1n, 60n, 5_400n, 3_600n, 86_400n, 604_800n, 7_201n].map(formatSpan)).toEqual([
    '1 second',
    '1 minute',
    '90 minutes',
    '1 hour',
    '1 day',
    '7 days',
    '2 hours',
  ])
  expect(formatDate(1_800_000_000n, 1_799_996_400n)).toBe('2027-01-15 08:00 UTC (in 1 hour)')
  expect(formatDate(1_800_000_000n, 1_800_000_000n)).toBe('2027-01-15 08:00 UTC (now)')
})
