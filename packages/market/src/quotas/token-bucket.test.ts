import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { createBucket, take } from './token-bucket.ts'

const rule = { perSecond: 30, burst: 60 }

describe('a token bucket', () => {
  test('admits a burst, then refuses and says when to come back', () => {
    const bucket = createBucket(rule, 0)
    expect(take(bucket, rule, 0, 60).admitted).toBe(true)
    const refused = take(bucket, rule, 0, 3)
    expect(refused.admitted).toBe(false)
    expect(refused.retryAfterMs).toBe(100)
    expect(take(bucket, rule, 100, 3).admitted).toBe(true)
  })

  test('says that more than the burst can never come at once', () => {
    const refused = take(createBucket(rule, 0), rule, 0, 61)
    expect(refused).toMatchObject({ admitted: false, retryAfterMs: Number.POSITIVE_INFINITY })
  })

  test('refills nothing when the time given steps back', () => {
    const bucket = createBucket(rule, 1_000)
    take(bucket, rule, 1_000, 60)
    expect(take(bucket, rule, 0, 1).admitted).toBe(false)
  })

  test('never admits more than burst + rate × time, and coming back as told is admitted', () => {
    const steps = fc.array(
      fc.record({ afterMs: fc.nat(500), count: fc.integer({ min: 1, max: 60 }) }),
    )
    fc.assert(
      fc.property(steps, (asked) => {
        const bucket = createBucket(rule, 0)
        let nowMs = 0
        let admitted = 0
        for (const { afterMs, count } of asked) {
          nowMs += afterMs
          const answer = take(bucket, rule, nowMs, count)
          if (answer.admitted) admitted += count
          else {
            nowMs += Math.ceil(answer.retryAfterMs)
            expect(take(bucket, rule, nowMs, count).admitted).toBe(true)
            admitted += count
          }
          expect(admitted).toBeLessThanOrEqual(rule.burst + (nowMs * rule.perSecond) / 1_000 + 1e-6)
        }
      }),
    )
  })
})
