import { expect, test } from 'bun:test'
import { costAim as cost, ratioAim as ratio, verdictOf } from './aims.ts'

test('an aim is met, or missed, where all of the interval says so', () => {
  expect(verdictOf(ratio, { median: 0.98, low: 0.975, high: 0.99 })).toEndWith(
    '3 % of the throughput is met',
  )
  expect(verdictOf(ratio, { median: 0.94, low: 0.93, high: 0.95 })).toEndWith(
    '3 % of the throughput is missed',
  )
  expect(verdictOf(cost, { median: 1.3, low: 1.2, high: 1.4 })).toEndWith('2 µs is met')
  expect(verdictOf(cost, { median: 3, low: 2.5, high: 4 })).toEndWith('2 µs is missed')
})

test('an interval with the bound in it shows neither', () => {
  const interval = { median: 2, low: 1.5, high: 2.5 }
  expect(verdictOf(cost, interval)).toContain('neither shown to be met nor to be missed')
})
