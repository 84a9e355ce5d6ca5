import { expect, test } from 'bun:test'
import { Refusals } from './acting.ts'
import { pauseOf } from './rounds.ts'

test.each([
  [0, 10],
  [1, 20],
  [3, 80],
  [9, 300],
  [5_000, 300],
])('after %d failures in a row the pause is %d', (failures, pauseMs) => {
  expect(pauseOf(10, failures, 300)).toBe(pauseMs)
})

test('a chore that is done seldom is not done more often because it fails', () => {
  expect(pauseOf(600, 4, 300)).toBe(600)
})

test('a refusal is counted from when it began, until a round went by without', () => {
  const refusals = new Refusals()
  expect(refusals.note('fees', 'release', 100)).toBe(0)
  expect(refusals.note('fees', 'release', 350)).toBe(250)
  expect(refusals.note('fees', 'route', 350)).toBe(0)
  refusals.forget('epoch')
  expect(refusals.note('fees', 'release', 400)).toBe(300)
  refusals.forget('fees')
  expect(refusals.note('fees', 'release', 500)).toBe(0)
})
