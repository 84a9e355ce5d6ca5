import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Auction, isRunning, priceOf, pricePpmAt } from './auction.ts'

const auction: Auction = {
  lot: 1_000_000n,
  startedAt: 1_000n,
  endsAt: 4_600n,
  rate: 10n ** 16n,
  startPpm: 1_100_000n,
  floorPpm: 950_000n,
}
const stableUnit = 10n ** 6n
const times = fc.bigInt({ min: 1_000n, max: 4_600n })
const lots = fc.bigInt({ min: 1n, max: 10n ** 15n })

describe('an auction', () => {
  test('begins at its start and ends at its floor', () => {
    expect(pricePpmAt(auction, 1_000n)).toBe(1_100_000n)
    expect(pricePpmAt(auction, 4_600n)).toBe(950_000n)
    expect(pricePpmAt(auction, 1_001n)).toBe(1_099_959n)
    expect([isRunning(auction, 4_599n), isRunning(auction, 4_600n)]).toEqual([true, false])
    expect(isRunning({ ...auction, lot: 0n }, 1_000n)).toBe(false)
  })

  test('only falls, and never below the floor', () => {
    fc.assert(
      fc.property(times, times, lots, (one, other, sold) => {
        const [early, late] = one < other ? [one, other] : [other, one]
        const price = (now: bigint) => priceOf(auction, sold, { now, stableUnit })
        expect(price(late) <= price(early)).toBe(true)
        expect(price(late) * 1_000_000n >= sold * 10n ** 14n * 950_000n).toBe(true)
      }),
    )
  })

  test('buying in parts never costs less than buying at once', () => {
    fc.assert(
      fc.property(times, lots, lots, (now, one, other) => {
        const price = (sold: bigint) => priceOf(auction, sold, { now, stableUnit })
        expect(price(one) + price(other) >= price(one + other)).toBe(true)
      }),
    )
  })
})
