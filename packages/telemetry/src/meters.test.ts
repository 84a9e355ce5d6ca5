import { expect, test } from 'bun:test'
import { createMeters } from './meters.ts'

test('a counter counts for each combination of labels', () => {
  const meters = createMeters()
  const counter = meters.counter('cups_total', 'Cups of tea', ['size', 'kind'])
  counter.inc('large', 'green')
  counter.inc('small', 'green')
  counter.inc('large', 'green')
  expect(meters.render()).toBe(`# HELP cups_total Cups of tea
# TYPE cups_total counter
cups_total{size="large",kind="green"} 2
cups_total{size="small",kind="green"} 1
`)
})

test('a gauge is what it was set to last', () => {
  const meters = createMeters()
  const gauge = meters.gauge('heat_ratio', 'How hot it is', [])
  gauge.set(3)
  gauge.set(0.5)
  expect(meters.render()).toContain('\nheat_ratio 0.5\n')
})

test('the buckets of a histogram each hold what is not above their bound', () => {
  const meters = createMeters()
  const options = { labels: ['kind'], buckets: [0.1, 1] } as const
  const histogram = meters.histogram('brew_seconds', 'Time to brew', options)
  for (const seconds of [0.1, 0.5, 1, 7]) histogram.observe(seconds, 'green')
  expect(meters.render()).toEndWith(`brew_seconds_bucket{le="0.1",kind="green"} 1
brew_seconds_bucket{le="1",kind="green"} 3
brew_seconds_bucket{le="+Inf",kind="green"} 4
brew_seconds_sum{kind="green"} 8.6
brew_seconds_count{kind="green"} 4
`)
})

test('values of labels are escaped', () => {
  const meters = createMeters()
  meters.counter('odd_total', 'Odd', ['name']).inc('a"b\\c\nd')
  expect(meters.render()).toContain('odd_total{name="a\\"b\\\\c\\nd"} 1\n')
})

test('a name without a unit, or that stands twice, is refused', () => {
  const meters = createMeters()
  expect(() => meters.counter('cups', 'Cups', [])).toThrow('unit')
  meters.counter('cups_total', 'Cups', [])
  expect(() => meters.gauge('cups_total', 'Cups', [])).toThrow('twice')
})
