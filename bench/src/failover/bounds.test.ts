import { expect, test } from 'bun:test'
import type { Aftermath } from './aftermath.ts'
import { brokenBounds } from './bounds.ts'

const well: Aftermath = {
  name: 'dead',
  leftAfterMs: 2_250,
  failedRelays: 9,
  requests: 2_500,
  consumerErrors: 0,
  firstError: undefined,
  p50Ms: 1,
  p99Ms: 9,
}
const rule = { mustBeLeft: true, pollIntervalMs: 1_000 }

test('a node is left in time, or after few failures', () => {
  expect(brokenBounds(well, rule)).toEqual([])
  expect(brokenBounds({ ...well, leftAfterMs: 4_000, failedRelays: 3 }, rule)).toEqual([])
})

test('a node that is left late, or never, breaks the bound', () => {
  expect(brokenBounds({ ...well, leftAfterMs: 2_251 }, rule)[0]).toContain(
    'after 2251 ms and 9 failed',
  )
  expect(brokenBounds({ ...well, leftAfterMs: undefined }, rule)).toEqual([
    'dead: the gateway never left the node',
  ])
})

test('an error that a consumer sees breaks the bound, of a node that need not be left too', () => {
  const seen = { ...well, leftAfterMs: undefined, consumerErrors: 2, firstError: '502 x' }
  expect(brokenBounds(seen, { ...rule, mustBeLeft: false })).toEqual([
    'dead: 2 requests failed, the bound is 0; the first: 502 x',
  ])
})
