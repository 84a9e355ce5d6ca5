import { describe, expect, test } from 'bun:test'
import { tokenScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { parameterSheet, valuesOf } from '../parameters/sheet.ts'
import { ankrFor, createRateFeed, isStale, medianOf, moved, stableOf } from './rate-feed.ts'

const values = valuesOf(parameterSheet)
const rates = fc.bigInt({ min: 1n, max: 10n ** 24n })
const cent = 10n ** 16n

describe('the median', () => {
  test('lies within the quotes, whatever their order, and a minority cannot move it beyond the others', () => {
    fc.assert(
      fc.property(fc.array(rates, { minLength: 1, maxLength: 9 }), (quotes) => {
        const sorted = quotes.toSorted((a, b) => Number(a > b) - Number(a < b))
        const median = medianOf(quotes)
        expect(sorted[0]! <= median && median <= sorted.at(-1)!).toBe(true)
        expect(medianOf(quotes.toReversed())).toBe(median)
        const minority = Math.floor((quotes.length - 1) / 2)
        const bent = sorted.map((quote, place) => (place < minority ? 1n : quote))
        expect(medianOf(bent) >= sorted[minority]!).toBe(true)
      }),
    )
  })

  test('of two in the middle is their mean, rounded down', () => {
    expect(medianOf([4n, 1n, 9n, 7n])).toBe(5n)
    expect(medianOf([4n, 1n, 9n])).toBe(4n)
    expect(() => medianOf([])).toThrow(RangeError)
  })
})

describe('the rate', () => {
  const feed = createRateFeed(cent, { stableDecimals: 6n, now: 0n })
  const post = (from: typeof feed, median: bigint, now: bigint) =>
    moved(from, { median, observedAt: now, now }, values)

  test('moves to the median within a fifth, and to the bound beyond it', () => {
    expect(post(feed, (cent * 12n) / 10n, 60n).rate).toBe((cent * 12n) / 10n)
    expect(post(feed, (cent * 12n) / 10n + 1n, 60n).rate).toBe((cent * 12n) / 10n)
    expect(post(feed, cent * 9n, 60n).rate).toBe((cent * 12n) / 10n)
    expect(post(feed, 1n, 60n).rate).toBe((cent * 8n) / 10n)
  })

  test('moves no further in a day than allowed, then from where it stands', () => {
    const day = 86_400n
    let high = feed
    for (let now = 60n; now < day; now += 600n) high = post(high, cent * 100n, now)
    expect(high.rate).toBe((cent * 16n) / 10n)
    const next = post(high, cent * 100n, day)
    expect(next.anchor).toEqual({ rate: (cent * 16n) / 10n, since: day })
    expect(next.rate).toBe((cent * 192n) / 100n)
    expect(post(high, cent * 100n, day - 1n).rate).toBe(high.rate)
  })

  test('never moves by more than its bounds, whatever is posted', () => {
    fc.assert(
      fc.property(rates, fc.array(rates, { maxLength: 12 }), (first, medians) => {
        let last = createRateFeed(first, { stableDecimals: 6n, now: 0n })
        let now = 0n
        for (const median of medians) {
          now += 3_000n
          const next = moved(last, { median, observedAt: now, now }, values)
          const step = next.rate > last.rate ? next.rate - last.rate : last.rate - next.rate
          // Bounds round outward, by less than one unit; a day's is that of an update at the least.
          expect((step - 1n) * 1_000_000n < last.rate * values.RateMoveMaxPpm).toBe(true)
          const { rate } = next.anchor
          const moves = next.rate > rate ? next.rate - rate : rate - next.rate
          expect((moves - 1n) * 1_000_000n < rate * values.RateDayMoveMaxPpm).toBe(true)
          expect(next.rate > 0n).toBe(true)
          last = next
        }
      }),
    )
  })

  test('of a few units can rise again', () => {
    const low = createRateFeed(1n, { stableDecimals: 6n, now: 0n })
    expect(post(low, cent, 60n).rate).toBe(2n)
    expect(post(low, 0n, 60n).rate).toBe(1n)
  })

  test('is stale one second after its time, not at it', () => {
    expect(isStale(feed, values, values.RateStaleSeconds)).toBe(false)
    expect(isStale(feed, values, values.RateStaleSeconds + 1n)).toBe(true)
  })

  test('turns ANKR into stablecoin and back, each way rounded up', () => {
    expect(stableOf(feed, 1_000n * tokenScale)).toBe(10_000_000n)
    expect(stableOf(feed, 1n)).toBe(1n)
    expect(stableOf(feed, 0n)).toBe(0n)
    const terms = { rate: cent, stableUnit: 10n ** 6n, pricePpm: 1_000_000n }
    expect(ankrFor(10_000_000n, terms)).toBe(1_000n * tokenScale)
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), rates, (ankr, rate) => {
        const stable = stableOf({ ...feed, rate }, ankr)
        expect(ankrFor(stable, { ...terms, rate }) >= ankr).toBe(true)
      }),
    )
  })
})
