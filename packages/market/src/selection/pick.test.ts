import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { pickOfTwo, withinShare } from './pick.ts'

/** A small seeded generator, so that a failing run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const candidates = (weights: readonly number[]) =>
  weights.map((weight, at) => ({ name: at, provider: `p${at % 3}`, weight, inFlight: 0 }))

describe('weighted pick of two', () => {
  test('nobody is picked where there is nobody', () => {
    expect(pickOfTwo([], () => 0)).toBeUndefined()
  })

  test('nine equal candidates end within a share of 1.3 of each other', () => {
    const nine = candidates(Array(9).fill(10))
    const random = seeded(7)
    const counts = new Map<number, number>()
    for (let at = 0; at < 9_000; at++) {
      const picked = pickOfTwo(nine, random)
      if (picked !== undefined) counts.set(picked.name, (counts.get(picked.name) ?? 0) + 1)
    }
    const shares = [...counts.values()]
    expect(shares.length).toBe(9)
    expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(1.3)
  })

  test('a light candidate is picked seldom, but is picked', () => {
    const random = seeded(11)
    let light = 0
    for (let at = 0; at < 9_000; at++) {
      if (pickOfTwo(candidates([1, 10, 10, 10, 10]), random)?.name === 0) light++
    }
    expect(light).toBeGreaterThan(50)
    expect(light).toBeLessThan(600)
  })

  test('of the two drawn the one with fewer requests in flight is taken', () => {
    const busy = { name: 'busy', provider: 'a', weight: 10, inFlight: 5 }
    const idle = { name: 'idle', provider: 'b', weight: 1, inFlight: 0 }
    fc.assert(
      fc.property(fc.double({ min: 0, max: 0.999999, noNaN: true }), (value) => {
        expect(pickOfTwo([busy, idle], () => value)?.name).toBe('idle')
      }),
    )
  })

  test('whoever is picked was a candidate', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ weight: fc.integer({ min: 1, max: 10 }), inFlight: fc.nat(9) }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.integer(),
        (facts, seed) => {
          const list = facts.map((fact, at) => ({ ...fact, provider: `p${at}` }))
          const picked = pickOfTwo(list, seeded(seed))
          expect(picked !== undefined && list.includes(picked)).toBe(true)
        },
      ),
    )
  })
})

describe('the cap on a provider', () => {
  test('a provider over its share is left out while another one is fit', () => {
    const shares: Record<string, number> = { p0: 0.7, p1: 0.2, p2: 0.1 }
    const left = withinShare(candidates([10, 10, 10]), (name) => shares[name] ?? 0, 0.65)
    expect(left.map(({ provider }) => provider)).toEqual(['p1', 'p2'])
  })

  test('a provider over its share stays while the others are much worse', () => {
    const list = candidates([10, 2, 2])
    expect(withinShare(list, (name) => (name === 'p0' ? 0.9 : 0.05), 0.65)).toEqual(list)
  })

  test('the only provider keeps serving', () => {
    const only = candidates([10])
    expect(withinShare(only, () => 1, 0.65)).toEqual(only)
  })
})
