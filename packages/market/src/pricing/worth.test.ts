import { describe, expect, test } from 'bun:test'
import { ppmScale, tokenScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { ankrForCredits, usdOfCredits } from './worth.ts'

const creditsPerUsd = 10_000_000
const cents = tokenScale / 100n

test('a million credits are ten cents, and the mean request 4/100,000 of a dollar', () => {
  expect(usdOfCredits(1_000_000n, creditsPerUsd)).toBe(10n * cents)
  expect(usdOfCredits(400n, creditsPerUsd)).toBe((4n * cents) / 1_000n)
  expect(usdOfCredits(0n, creditsPerUsd)).toBe(0n)
  expect(usdOfCredits(1n, 3)).toBe(tokenScale / 3n + 1n)
})

describe('paid in ANKR', () => {
  const terms = { creditsPerUsd, usdPerAnkr: 2n * cents, discountPpm: 0n }

  test('credits cost their worth at the rate', () => {
    expect(ankrForCredits(1_000_000n, terms)).toBe(5n * tokenScale)
  })

  test('at a discount of a tenth 10 ANKR buy what 11 would', () => {
    const discounted = { ...terms, discountPpm: 100_000n }
    expect(ankrForCredits(11_000_000n, discounted)).toBe(50n * tokenScale)
    expect(ankrForCredits(11_000_000n, terms)).toBe(55n * tokenScale)
  })

  test('are never sold below their price, nor a base unit above', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 20n }),
        fc.bigInt({ min: 1n, max: 10n ** 24n }),
        fc.bigInt({ min: 0n, max: 240_000n }),
        (credits, usdPerAnkr, discountPpm) => {
          const paid = ankrForCredits(credits, { creditsPerUsd, usdPerAnkr, discountPpm })
          const bought = (amount: bigint) => amount * usdPerAnkr * (ppmScale + discountPpm)
          const wanted = (credits * tokenScale * tokenScale * ppmScale) / BigInt(creditsPerUsd)
          expect(bought(paid) >= wanted).toBe(true)
          if (credits > 0n) expect(bought(paid - 1n) < wanted + 1n).toBe(true)
        },
      ),
    )
  })
})
