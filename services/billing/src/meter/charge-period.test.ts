import { expect, test } from 'bun:test'
import { periodAt, periodBefore } from './charge-period.ts'

const hourMs = 3_600_000

test('a charge period is told with its end, and the one before with an hour in which nothing of it was charged', () => {
  const nowMs = 100 * 12 * hourMs + 5
  expect(periodAt(nowMs, 43_200n)).toEqual({ number: 100n, endsMs: 101 * 12 * hourMs })
  expect(periodBefore(nowMs, 43_200n)).toEqual({ period: 99n, hour: 99 * 12 - 1 })
  // One that begins within an hour of the books.
  expect(periodBefore(10 * 1.5 * hourMs, 5_400n)).toEqual({ period: 9n, hour: 12 })
})
