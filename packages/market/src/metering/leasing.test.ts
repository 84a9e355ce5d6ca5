import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { freeCredits, type Holding, noHolding } from './holding.ts'
import { type Ask, grantOf, type Pot, roomOf } from './leasing.ts'

const noCap = { min: 10n ** 30n, ppm: 100_000n }

function pot(holding: Partial<Holding>, rest: Partial<Pot> = {}): Pot {
  return { holding: { ...noHolding, ...holding }, cap: noCap, periodUsed: 0n, ...rest }
}

function ask(pots: Pot[], rest: Partial<Ask> = {}): Ask {
  const base = { wants: 1_000n, needs: 0n, gateways: 1n, isFrozen: false, keyRoom: undefined }
  return { ...base, ...rest, pots }
}

describe('a lease', () => {
  test('is what is wanted, and at most a share that leaves as much for each other gateway', () => {
    const rich = pot({ tokens: 100n, credits: 60_000n })
    expect(grantOf(ask([rich]))).toEqual({ parts: [1_000n], granted: 1_000n, reason: null })
    const shared = grantOf(ask([rich], { wants: 50_000n, gateways: 3n }))
    expect(shared.granted).toBe(10_000n)
  })

  test('shrinks to what the waiting request needs when little is left', () => {
    const poor = pot({ tokens: 100n, credits: 900n })
    const granted = grantOf(ask([poor], { needs: 400n, gateways: 3n }))
    expect(granted).toMatchObject({ granted: 400n, reason: null })
    const none = grantOf(ask([poor], { needs: 901n }))
    expect(none).toMatchObject({ granted: 0n, reason: 'exhausted' })
  })

  test('comes from the first asset, and from the next when that is used up', () => {
    const pots = [pot({ tokens: 1n, credits: 300n }), pot({ tokens: 9n, credits: 5_000n })]
    expect(grantOf(ask(pots, { needs: 400n, wants: 400n })).parts).toEqual([150n, 250n])
    expect(grantOf(ask(pots, { needs: 5_300n, wants: 5_300n })).parts).toEqual([300n, 5_000n])
  })

  test('says why there is none', () => {
    const some = { tokens: 100n, credits: 1_000n }
    const reasons: [Ask, string][] = [
      [ask([pot(some)], { isFrozen: true }), 'frozen'],
      [ask([]), 'uncredited'],
      [ask([pot(noHolding)]), 'uncredited'],
      [ask([pot({ ...noHolding, spent: 1n })]), 'exhausted'],
      [ask([pot({ ...some, leased: 1_000n })]), 'reserved'],
      [ask([pot({ ...some, held: 100n })]), 'reserved'],
      [ask([pot(some)], { keyRoom: 0n }), 'key-cap'],
      [ask([pot(some, { cap: { min: 10n, ppm: 0n }, periodUsed: 10n })]), 'period-cap'],
    ]
    for (const [asked, reason] of reasons) {
      expect(grantOf(asked)).toMatchObject({ granted: 0n, reason })
    }
    expect(grantOf(ask([pot(some)], { wants: 0n }))).toMatchObject({ granted: 0n, reason: null })
  })

  test('never promises more than is free, than a period may take, or than a key may use', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 20n })
    fc.assert(
      fc.property(
        fc.record({
          tokens: amount,
          credits: amount,
          leased: amount,
          held: amount,
          used: amount,
          min: amount,
          wants: amount,
          needs: amount,
          keyRoom: fc.option(amount, { nil: undefined }),
          gateways: fc.bigInt({ min: 1n, max: 9n }),
        }),
        ({ tokens, credits, leased, held, used, min, keyRoom, wants, needs, gateways }) => {
          const part = credits === 0n ? 0n : leased % (credits + 1n)
          const own = pot(
            { tokens, credits, leased: part, held },
            { cap: { min, ppm: 100_000n }, periodUsed: used },
          )
          const { granted, parts } = grantOf(ask([own], { wants, needs, keyRoom, gateways }))
          expect(parts).toEqual([granted])
          expect(granted <= wants || granted <= needs).toBe(true)
          expect(granted <= freeCredits(own.holding)).toBe(true)
          if (keyRoom !== undefined) expect(granted <= keyRoom).toBe(true)
          // What is leased now and was used can be taken in one charge period.
          const worth = credits === 0n ? 0n : (tokens * (part + granted)) / credits
          const stays = tokens > held ? tokens - held : 0n
          const cap = min > stays / 10n ? min : stays / 10n
          if (granted > 0n) expect(used + worth <= cap).toBe(true)
          expect(granted <= roomOf(own)).toBe(true)
        },
      ),
    )
  })
})
