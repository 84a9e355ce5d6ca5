import { expect, test } from 'bun:test'
import { Pace } from './pace.ts'

test('verifiers that want a pause get it, and then half as much, down to one', () => {
  const pace = new Pace(20)
  expect(pace.countMaxAt(0)).toBe(20)
  pace.slowDown(1_000)
  expect([pace.countMaxAt(999), pace.countMaxAt(1_000)]).toEqual([0, 10])
  for (let at = 0; at < 9; at++) pace.slowDown(1_000)
  expect(pace.countMaxAt(1_000)).toBe(1)
})

test('it comes back one by one, and no further than it was', () => {
  const pace = new Pace(4)
  pace.slowDown(0)
  pace.speedUp()
  expect(pace.countMaxAt(0)).toBe(3)
  for (let at = 0; at < 9; at++) pace.speedUp()
  expect(pace.countMaxAt(0)).toBe(4)
})
