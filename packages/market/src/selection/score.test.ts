import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { LagRule, Observation } from './observation.ts'
import { scoreMax, scoreOf } from './score.ts'

const lag: LagRule = { freshBlocks: 2, criticalBlocks: 10, aheadBlocksMax: 10 }
const healthy: Observation = {
  chainId: 'right',
  answersHeight: true,
  lagBlocks: 0,
  probeLatencyMs: 10,
  successRate: 1,
  inFlight: 0,
  inFlightMax: 256,
  stakeTimes: undefined,
  cordonReason: undefined,
}

const observation: fc.Arbitrary<Observation> = fc.record({
  chainId: fc.constantFrom('unchecked', 'right', 'wrong'),
  answersHeight: fc.boolean(),
  lagBlocks: fc.option(fc.integer({ min: -1_000, max: 1_000 }), { nil: undefined }),
  probeLatencyMs: fc.option(fc.double({ min: 0, max: 60_000, noNaN: true }), { nil: undefined }),
  successRate: fc.double({ min: 0, max: 1, noNaN: true }),
  inFlight: fc.nat(300),
  inFlightMax: fc.constant(256),
  stakeTimes: fc.option(fc.double({ min: 1, max: 100, noNaN: true }), { nil: undefined }),
  cordonReason: fc.constantFrom(undefined, 'burst'),
})

describe('the score', () => {
  test('of a perfect upstream is 10, with every term told', () => {
    const { score, gates, terms } = scoreOf(healthy, lag)
    expect(score).toBe(scoreMax)
    expect(gates).toEqual([])
    expect(terms.map(({ term }) => term)).toEqual([
      'freshness',
      'latency',
      'success',
      'workload',
      'stake',
    ])
  })

  test('falls with each of lag, latency, failures and work', () => {
    const worse: Partial<Observation>[] = [
      { lagBlocks: 6 },
      { probeLatencyMs: 400 },
      { successRate: 0.8 },
      { inFlight: 200 },
    ]
    for (const change of worse) {
      expect(scoreOf({ ...healthy, ...change }, lag).score).toBeLessThan(scoreMax)
    }
  })

  const gated: [string, Partial<Observation>][] = [
    ['CHAIN_ID', { chainId: 'wrong' }],
    ['CHAIN_ID', { chainId: 'unchecked' }],
    ['SILENT', { answersHeight: false }],
    ['LAG', { lagBlocks: 10 }],
    ['AHEAD', { lagBlocks: -11 }],
    ['CORDONED', { cordonReason: 'three requests failed' }],
  ]
  test.each(gated)('is 0 behind the gate %s, with a reason', (gate, change) => {
    const { score, gates } = scoreOf({ ...healthy, ...change }, lag)
    expect(score).toBe(0)
    expect(gates.map((each) => each.gate as string)).toEqual([gate])
    expect(gates[0]?.reason.length).toBeGreaterThan(5)
  })

  test('is a whole number from 1 to 10 for whatever passes the gates, 0 otherwise', () => {
    fc.assert(
      fc.property(observation, (seen) => {
        const { score, gates, terms } = scoreOf(seen, lag)
        expect(Number.isInteger(score)).toBe(true)
        if (gates.length > 0) expect(score).toBe(0)
        else expect(score >= 1 && score <= scoreMax).toBe(true)
        for (const { value } of terms) expect(value > 0 && value <= 1).toBe(true)
      }),
    )
  })

  test('never rises when an upstream falls further behind, slows down or fails more', () => {
    fc.assert(
      fc.property(observation, fc.nat(50), fc.nat(500), (seen, blocks, ms) => {
        const before = scoreOf(seen, lag).score
        const behind = { ...seen, lagBlocks: Math.max(0, seen.lagBlocks ?? 0) + blocks }
        const from = scoreOf({ ...seen, lagBlocks: Math.max(0, seen.lagBlocks ?? 0) }, lag).score
        expect(scoreOf(behind, lag).score).toBeLessThanOrEqual(from)
        if (seen.probeLatencyMs === undefined) return
        const slower = { ...seen, probeLatencyMs: seen.probeLatencyMs + ms }
        expect(scoreOf(slower, lag).score).toBeLessThanOrEqual(before)
        const failing = { ...seen, successRate: seen.successRate / 2 }
        expect(scoreOf(failing, lag).score).toBeLessThanOrEqual(before)
      }),
    )
  })

  test('is moved by stake by one point at the most, and upwards', () => {
    fc.assert(
      fc.property(observation, fc.double({ min: 1, max: 1_000, noNaN: true }), (seen, times) => {
        const least = scoreOf({ ...seen, stakeTimes: 1 }, lag).score
        const more = scoreOf({ ...seen, stakeTimes: times }, lag).score
        expect(more - least === 0 || more - least === 1).toBe(true)
        expect(scoreOf({ ...seen, stakeTimes: undefined }, lag).score).toBe(least)
      }),
    )
  })

  test('is never lower for a node that is better by two failures in a hundred, whatever stake the other has', () => {
    fc.assert(
      fc.property(observation, fc.double({ min: 1, max: 1_000, noNaN: true }), (seen, times) => {
        const poor = { ...seen, stakeTimes: 1 }
        const rich = { ...seen, stakeTimes: times, successRate: seen.successRate * 0.98 }
        fc.pre(rich.successRate >= 0.05)
        expect(scoreOf(rich, lag).score).toBeLessThanOrEqual(scoreOf(poor, lag).score)
      }),
    )
  })
})
