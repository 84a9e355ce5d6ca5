import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { qualityOf, defaultQualityRule as rule, sumOfCounts } from './quality.ts'

const counts = fc
  .tuple(fc.bigInt({ min: 0n, max: 10n ** 12n }), fc.nat({ max: 1_000 }), fc.nat({ max: 1_000 }))
  .map(([asked, failing, lateness]) => {
    const failed = (asked * BigInt(failing)) / 1_000n
    const answered = asked - failed
    return { asked, answered, failed, late: (answered * BigInt(lateness)) / 1_000n }
  })

const of = (asked: bigint, failed: bigint, late = 0n) =>
  qualityOf({ asked, answered: asked - failed, failed, late }, rule)

describe('quality', () => {
  test('is nothing up to the floor, whole from the target on, and a straight line between', () => {
    expect(of(1_000n, 100n)).toBe(0n)
    expect(of(1_000n, 1_000n)).toBe(0n)
    expect(of(1_000n, 5n)).toBe(1_000_000n)
    expect(of(1_000n, 0n)).toBe(1_000_000n)
    // 0.9475 is the middle.
    expect(of(10_000n, 525n)).toBe(500_000n)
    // 0.99 stands at 90/95 of the way, rounded down.
    expect(of(1_000n, 10n)).toBe(947_368n)
  })

  test('counts an answer that came late as a part of a failure', () => {
    expect(of(10_000n, 0n, 2_100n)).toBe(of(10_000n, 525n))
  })

  test('is whole while too little is known', () => {
    expect(of(99n, 99n)).toBe(1_000_000n)
    expect(of(100n, 100n)).toBe(0n)
    expect(
      qualityOf({ asked: 0n, answered: 0n, failed: 0n, late: 0n }, { ...rule, askedMin: 0n }),
    ).toBe(1_000_000n)
  })

  test('stays between nothing and whole, and never rises with a failure', () => {
    fc.assert(
      fc.property(counts, (one) => {
        const quality = qualityOf(one, rule)
        expect(quality >= 0n && quality <= 1_000_000n).toBe(true)
        if (one.answered === one.late) return
        const worse = { ...one, answered: one.answered - 1n, failed: one.failed + 1n }
        expect(qualityOf(worse, rule) <= quality).toBe(true)
        expect(qualityOf({ ...one, late: one.late + 1n }, rule) <= quality).toBe(true)
      }),
    )
  })

  test('of several nodes is that of all their relays', () => {
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 4 }), (several) => {
        const sum = sumOfCounts(several)
        expect(sum.answered + sum.failed).toBe(sum.asked)
      }),
    )
  })
})
