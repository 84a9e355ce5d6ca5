import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { parseConfig } from '../config-file.ts'
import { changesOf } from './changes.ts'
import { movedPart } from './moved-traffic.ts'

function configOf(change: object = {}) {
  const value = {
    chains: { eth: { upstreams: [{ provider: 'a', name: 'one', url: 'http://localhost:1' }] } },
    ...change,
  }
  const loaded = parseConfig({ value, lineOf: () => null }, {})
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

describe('what a reload would change', () => {
  test('is nothing between equal files', () => {
    expect(changesOf(configOf(), configOf())).toEqual([])
  })

  test('is told part by part, without values', () => {
    const before = configOf({ keys: [{ name: 'k', key: 'secret-secret-secret', tier: 'premium' }] })
    const after = configOf({
      listen: { port: 9_999 },
      tiers: { community: { requestsPerSecond: 5 } },
      chains: {
        eth: { upstreams: [{ provider: 'a', name: 'one', url: 'http://localhost:2' }] },
        base: { upstreams: [{ provider: 'b', name: 'one', url: 'http://localhost:3' }] },
      },
    })
    const changes = changesOf(before, after)
    expect(changes).toEqual([
      { what: 'listen', change: 'changed', needsRestart: true },
      { what: 'tiers.community', change: 'changed', needsRestart: false },
      { what: 'keys.k', change: 'removed', needsRestart: false },
      { what: 'chains.eth.a/one', change: 'changed', needsRestart: false },
      { what: 'chains.base', change: 'added', needsRestart: false },
      { what: 'chains.base.b/one', change: 'added', needsRestart: false },
    ])
    expect(JSON.stringify(changes)).not.toContain('secret')
  })
})

describe('access', () => {
  test('needs a restart, but for what operators have agreed to', () => {
    const escrow = `0x${'e5'.repeat(20)}`
    const verifiers = [{ url: 'http://localhost:7', address: escrow }]
    const access = { chainId: 1, ankrEscrow: escrow, verifiers, threshold: 1 }
    const before = configOf({ access })
    expect(changesOf(before, configOf({ access: { ...access, agreements: ['a.json'] } }))).toEqual([
      { what: 'access.agreements', change: 'changed', needsRestart: false },
    ])
    expect(changesOf(before, configOf({ access: { ...access, chainId: 2 } }))).toEqual([
      { what: 'access', change: 'changed', needsRestart: true },
    ])
  })
})

describe('the part of traffic that moves', () => {
  test('is what went to an upstream that is gone, and what a new one takes', () => {
    expect(
      movedPart([
        { recentRelays: 50, weight: 10 },
        { recentRelays: 50, weight: 0 },
      ]),
    ).toBe(0.5)
    expect(
      movedPart([
        { recentRelays: 100, weight: 10 },
        { recentRelays: 0, weight: 10 },
      ]),
    ).toBe(0.5)
    expect(movedPart([{ recentRelays: 7, weight: 10 }])).toBe(0)
  })

  test('is a part, whatever the numbers', () => {
    const part = fc.record({ recentRelays: fc.nat(1_000), weight: fc.nat(10) })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), (parts) => {
        const moved = movedPart(parts)
        expect(moved >= 0 && moved <= 1 + 1e-9).toBe(true)
      }),
    )
  })
})
