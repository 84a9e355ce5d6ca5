import { expect, test } from 'bun:test'
import { RecentRelays } from './recent-relays.ts'

test('relays count for five minutes, minute by minute', () => {
  let nowMs = 0
  const recent = new RecentRelays({ nowMs: () => nowMs })
  for (let minute = 0; minute < 5; minute++) {
    nowMs = minute * 60_000
    recent.add()
  }
  expect(recent.count).toBe(5)
  nowMs = 6 * 60_000
  expect(recent.count).toBe(3)
  nowMs = 60 * 60_000
  expect(recent.count).toBe(0)
})
