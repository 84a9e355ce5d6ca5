import { expect, test } from 'bun:test'
import { creditsOfAnkr, creditsOfStable } from './credits.ts'

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
