import { expect, test } from 'bun:test'
import { type Ppm, ppmScale, rayScale, type TokenAmount, tokenScale } from './units.ts'

const part = (fees: TokenAmount, ratePpm: Ppm): TokenAmount => (fees * ratePpm) / ppmScale

test('a plain bigint is any amount, and an amount of another unit is none', () => {
  const fees: TokenAmount = 3n * tokenScale
  const commissionPpm: Ppm = 100_000n
  expect(part(fees, commissionPpm)).toBe((tokenScale * 3n) / 10n)
  // @ts-expect-error an amount of tokens is no rate: the two arguments cannot change places
  expect(part(commissionPpm, fees)).toBe((tokenScale * 3n) / 10n)
})

test('the scales are those of the contracts', () => {
  expect([ppmScale, tokenScale, rayScale]).toEqual([1_000_000n, 10n ** 18n, 10n ** 27n])
})
