import { describe, expect, test } from 'bun:test'
import { CordonState } from './cordon.ts'

describe('a cordon', () => {
  test('holds, then ends with answered probes, then leaves the upstream on probation', () => {
    const cordon = new CordonState()
    cordon.begin('burst', 'it broke', 0)
    expect(cordon.reason(1_000)).toBe('it broke; probed again in 4 s')
    cordon.probed(true, 4_999)
    cordon.probed(true, 5_000)
    expect(cordon.reason(5_000)).toContain('waiting for 2 answered probes')
    cordon.probed(false, 6_000)
    cordon.probed(true, 7_000)
    expect(cordon.reason(7_000)).toBeDefined()
    cordon.probed(true, 8_000)
    expect(cordon.reason(8_000)).toBeUndefined()
    expect(cordon.onProbation).toBe(true)
    for (let at = 0; at < 20; at++) cordon.relaySucceeded()
    expect(cordon.onProbation).toBe(false)
  })

  test('leaves probation by answered probes too, where nobody asks for the upstream', () => {
    const cordon = new CordonState()
    cordon.startProbation()
    for (let at = 0; at < 20; at++) cordon.probed(true, at)
    expect(cordon.onProbation).toBe(false)
  })

  test('holds twice as long each time, up to five minutes, and is forgiven after ten', () => {
    const cordon = new CordonState()
    let nowMs = 0
    const holdMs = () => {
      cordon.begin('burst', 'x', nowMs)
      const from = nowMs
      while (cordon.reason(nowMs)?.includes('probed again')) nowMs += 1_000
      cordon.probed(true, nowMs)
      cordon.probed(true, nowMs)
      return nowMs - from
    }
    expect([holdMs(), holdMs(), holdMs()]).toEqual([5_000, 10_000, 20_000])
    for (let at = 0; at < 6; at++) holdMs()
    expect(holdMs()).toBe(300_000)
    nowMs += 600_001
    expect(holdMs()).toBe(5_000)
  })

  test('lasts as long as a throttling upstream asks, within five minutes', () => {
    const cordon = new CordonState()
    cordon.begin('throttled', 'slow down', 0, 60_000)
    expect(cordon.reason(59_000)).toContain('1 s')
    const greedy = new CordonState()
    greedy.begin('throttled', 'slow down', 0, 3_600_000)
    expect(greedy.reason(0)).toContain('300 s')
  })

  test('is not made longer by requests that were in flight when it began', () => {
    const cordon = new CordonState()
    for (let at = 0; at < 10; at++) cordon.begin('throttled', 'slow down', at, 1_000)
    expect(cordon.reason(0)).toContain('5 s')
  })

  test("of an operator ends by an operator's word only", () => {
    const cordon = new CordonState()
    cordon.begin('operator', 'maintenance', 0)
    cordon.begin('burst', 'it broke', 1)
    cordon.probed(true, 1e12)
    cordon.probed(true, 1e12)
    expect(cordon.reason(1e12)).toBe('maintenance, until it is let back in')
    cordon.lift(1e12)
    expect(cordon.reason(1e12)).toBeUndefined()
    expect(cordon.onProbation).toBe(true)
  })
})
