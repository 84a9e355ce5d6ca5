import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { Buckets } from './buckets.ts'

/** A token each ten seconds. */
const rule = { perSecond: 0.1, burst: 2 }
const one = (nowMs: number) => ({ nowMs, count: 1 })

/** Room for three, each with one of its two tokens taken. */
function crowded() {
  const buckets = new Buckets({ countMax: 3 })
  for (const key of ['a', 'b', 'c']) buckets.take(key, rule, one(0))
  return buckets
}

test('a flood of new callers leaves nobody a bucket that is full again', () => {
  const buckets = crowded()
  expect(buckets.take('a', rule, one(0)).admitted).toBe(true)
  for (let at = 0; at < 100; at++) {
    expect(buckets.take(`flood ${at}`, rule, one(1)).admitted).toBe(false)
  }
  expect(buckets.take('a', rule, one(2)).admitted).toBe(false)
})

test('who is new is told when there will be room, and is let in then', () => {
  const buckets = crowded()
  const refused = buckets.take('d', rule, one(1_000))
  expect(refused).toMatchObject({ admitted: false, remaining: 0, retryAfterMs: 9_000 })
  expect(buckets.take('d', rule, one(9_999)).admitted).toBe(false)
  expect(buckets.take('d', rule, one(10_000))).toMatchObject({ admitted: true, remaining: 1 })
})

test('a full bucket makes room, and one that is not full stays', () => {
  const buckets = crowded()
  buckets.take('a', rule, one(0))
  // Those of b and c are full again, and that of a is not.
  expect(buckets.take('d', rule, one(10_000)).admitted).toBe(true)
  expect(buckets.get('a')).toBeDefined()
  expect([buckets.get('b'), buckets.get('c')]).toEqual([undefined, undefined])
})

test('to look at what is left takes no room', () => {
  const buckets = crowded()
  expect(buckets.take('d', rule, { nowMs: 0, count: 0 })).toMatchObject({ remaining: 2 })
  expect(buckets.get('d')).toBeUndefined()
})

test('however many there are, none gets more than burst + rate × time', () => {
  const asked = fc.array(fc.record({ key: fc.nat(9), afterMs: fc.nat(4_000) }), { maxLength: 200 })
  fc.assert(
    fc.property(asked, (asks) => {
      const buckets = new Buckets({ countMax: 4 })
      const admitted = new Map<number, number>()
      let nowMs = 0
      for (const { key, afterMs } of asks) {
        nowMs += afterMs
        if (!buckets.take(String(key), rule, one(nowMs)).admitted) continue
        admitted.set(key, (admitted.get(key) ?? 0) + 1)
        expect(admitted.get(key)).toBeLessThanOrEqual(rule.burst + nowMs / 10_000 + 1e-6)
      }
    }),
  )
})
