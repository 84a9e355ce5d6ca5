import { expect, test } from 'bun:test'
import { tokenScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { ankrForCredits, creditsOfAnkr, creditsOfStable, usdOfCredits } from './credits.ts'

test('a dollar buys ten million credits, in ANKR a discount more', () => {
  expect(creditsOfStable(1_000_000n, 1_000_000n)).toBe(10_000_000n)
  const terms = { usdPerAnkr: 20_000_000_000_000_000n, discountPpm: 100_000n }
  // 1,000 ANKR at 0.02 USD are 20 USD.
  expect(creditsOfAnkr(1_000n * 10n ** 18n, terms)).toBe(220_000_000n)
  expect(creditsOfAnkr(1_000n * 10n ** 18n, { ...terms, discountPpm: 0n })).toBe(200_000_000n)
})

test('less than a credit is none', () => {
  expect(creditsOfStable(0n, 1_000_000n)).toBe(0n)
  expect(
    creditsOfAnkr(4_545_454_545_454n, { usdPerAnkr: 2n * 10n ** 16n, discountPpm: 100_000n }),
  ).toBe(0n)
  expect(
    creditsOfAnkr(4_545_454_545_455n, { usdPerAnkr: 2n * 10n ** 16n, discountPpm: 100_000n }),
  ).toBe(1n)
})

test('a million credits are ten cents, and the mean request 4/100,000 of a dollar', () => {
  expect(usdOfCredits(1_000_000n)).toBe(tokenScale / 10n)
  expect(usdOfCredits(400n)).toBe((4n * tokenScale) / 100_000n)
  expect(usdOfCredits(1n) * 10_000_000n).toBe(tokenScale)
})

test('the ANKR asked for credits is the least that buys them', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 1n, max: 10n ** 20n }),
      fc.bigInt({ min: 1n, max: 10n ** 24n }),
      fc.bigInt({ min: 0n, max: 240_000n }),
      (credits, usdPerAnkr, discountPpm) => {
        const terms = { usdPerAnkr, discountPpm }
        const asked = ankrForCredits(credits, terms)
        expect(creditsOfAnkr(asked, terms) >= credits).toBe(true)
        expect(creditsOfAnkr(asked - 1n, terms) < credits).toBe(true)
      },
    ),
  )
  expect(ankrForCredits(0n, { usdPerAnkr: 1n, discountPpm: 0n })).toBe(0n)
})
