import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  amend,
  apply,
  charge,
  deposit,
  escrowOf,
  freeCredits,
  giveBack,
  type Holding,
  lease,
  legs,
  type Move,
  noHolding,
  orphan,
  type Place,
  tokensOf,
  withdraw,
} from './holding.ts'

const tokens = fc.bigInt({ min: 0n, max: 10n ** 28n })
const credits = fc.bigInt({ min: 0n, max: 10n ** 16n })
const part = fc.bigInt({ min: 0n, max: 1_000_000n })
const change = fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n })
const step = fc.oneof(
  fc.record({ kind: fc.constant('deposit' as const), tokens, credits }),
  fc.record({ kind: fc.constant('lease' as const), part }),
  fc.record({ kind: fc.constant('giveBack' as const), part }),
  fc.record({ kind: fc.constant('charge' as const), part, isLeased: fc.boolean() }),
  fc.record({ kind: fc.constant('apply' as const), part }),
  fc.record({ kind: fc.constant('ask out' as const), part }),
  fc.record({ kind: fc.constant('withdraw' as const), part, ends: fc.boolean() }),
  fc.record({ kind: fc.constant('orphan' as const), part, credits }),
  fc.record({
    kind: fc.constant('amend' as const),
    part,
    tokens,
    credits: change,
    isLess: fc.boolean(),
  }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

type Places = Record<'tokens' | 'credits', Map<Place, bigint>>

function createPlaces(): Places {
  return { tokens: new Map(), credits: new Map() }
}

function book(places: Places, moves: readonly Move[]): void {
  for (const move of moves) {
    for (const unit of ['tokens', 'credits'] as const) {
      const leg = legs[move.verb][unit]
      if (leg === undefined) {
        expect(move[unit]).toBe(0n)
        continue
      }
      const [from, to] = leg
      places[unit].set(from, (places[unit].get(from) ?? 0n) - move[unit])
      places[unit].set(to, (places[unit].get(to) ?? 0n) + move[unit])
    }
  }
}

/** What the rule lets happen at most, for a part in a millionth of it. */
function act(holding: Holding, given: Step): { holding: Holding; moves: Move[]; missing?: bigint } {
  const of = (whole: bigint) => ('part' in given ? (whole * given.part) / 1_000_000n : 0n)
  switch (given.kind) {
    case 'deposit':
      return deposit(holding, given)
    case 'lease':
      return lease(holding, of(freeCredits(holding)))
    case 'giveBack':
      return giveBack(holding, of(holding.leased))
    case 'charge':
      return charge(holding, {
        credits: of(given.isLeased ? holding.leased : holding.credits - holding.leased),
        isLeased: given.isLeased,
      })
    case 'apply':
      return apply(holding, of(holding.accrued))
    case 'ask out':
      return { holding: { ...holding, held: of(escrowOf(holding)) }, moves: [] }
    case 'withdraw': {
      const all = escrowOf(holding)
      const out = given.ends ? all : of(all)
      const life = out === all ? holding.life + 1n : holding.life
      return withdraw({ ...holding, held: 0n }, { tokens: out, life })
    }
    case 'orphan':
      return orphan(holding, { tokens: of(escrowOf(holding)), credits: given.credits })
    case 'amend': {
      const tokens = given.isLess ? -of(escrowOf(holding)) : given.tokens
      return amend(holding, { tokens, credits: given.credits })
    }
  }
}

describe('a holding', () => {
  test('neither makes nor loses a token or a credit, whatever happens to it', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const places = createPlaces()
        let holding = noHolding
        for (const given of steps) {
          const { moves, missing = 0n, ...after } = act(holding, given)
          holding = after.holding
          book(places, moves)
          const at = (unit: keyof Places, place: Place) => places[unit].get(place) ?? 0n
          expect(at('tokens', 'unused')).toBe(holding.tokens)
          expect(at('tokens', 'accrued')).toBe(holding.accrued)
          expect(-at('tokens', 'escrow')).toBe(escrowOf(holding))
          expect(at('credits', 'unused')).toBe(holding.credits)
          expect(missing).toBe(0n)
          const amounts = [holding.tokens, holding.credits, holding.leased, holding.accrued]
          for (const amount of amounts) expect(amount >= 0n).toBe(true)
          expect(holding.leased <= holding.credits).toBe(true)
          // Nothing is free while something is still to end.
          if (holding.toVoid > 0n) expect(holding.credits).toBe(holding.leased)
        }
      }),
    )
  })

  test('costs no more for many small charges than for one, and its last credit takes the rest', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: 10n ** 24n }),
        fc.array(fc.bigInt({ min: 1n, max: 10n ** 9n }), { minLength: 1, maxLength: 30 }),
        (worth, charges) => {
          const all = charges.reduce((sum, each) => sum + each, 0n)
          let { holding } = deposit(noHolding, { tokens: worth, credits: all + 1n })
          const atOnce = charge(holding, { credits: all, isLeased: false }).holding
          for (const each of charges) {
            holding = charge(holding, { credits: each, isLeased: false }).holding
          }
          expect(holding.tokens >= atOnce.tokens).toBe(true)
          holding = charge(holding, { credits: 1n, isLeased: false }).holding
          expect(holding).toMatchObject({ tokens: 0n, credits: 0n, accrued: worth })
        },
      ),
    )
  })

  test('shrinks alike in both units when a part is withdrawn', () => {
    const { holding } = deposit(noHolding, { tokens: 1_000n, credits: 90n })
    const after = withdraw(holding, { tokens: 250n, life: 0n })
    expect(after.holding).toMatchObject({ tokens: 750n, credits: 67n })
    expect(after.moves).toEqual([{ verb: 'withdraw', tokens: 250n, credits: 23n }])
  })

  test('leases nothing of what its owner asked out', () => {
    const { holding } = deposit(noHolding, { tokens: 1_000n, credits: 100n })
    expect(freeCredits({ ...holding, held: 600n, leased: 10n })).toBe(30n)
    expect(freeCredits({ ...holding, held: 2_000n })).toBe(0n)
    expect(freeCredits({ ...holding, held: 600n, leased: 50n })).toBe(0n)
  })

  test('holds no longer what was asked out once it is paid, and goes on holding the rest', () => {
    const { holding } = deposit(noHolding, { tokens: 1_000n, credits: 100n })
    const heldAfter = (held: bigint) =>
      withdraw({ ...holding, held }, { tokens: 250n, life: 0n }).holding.held
    expect([0n, 250n, 600n].map(heldAfter)).toEqual([0n, 0n, 350n])
  })

  test('lets what was used lapse when the owner is paid before it was applied', () => {
    let { holding } = deposit(noHolding, { tokens: 100n, credits: 100n })
    holding = charge(holding, { credits: 40n, isLeased: false }).holding
    const paid = withdraw(holding, { tokens: 100n, life: 1n })
    expect(paid.holding).toEqual({ ...noHolding, life: 1n })
    expect(paid.moves).toEqual([
      { verb: 'withdraw', tokens: 60n, credits: 60n },
      { verb: 'lapse', tokens: 40n, credits: 0n },
    ])
  })

  test('keeps what is leased when tokens leave, and ends it when it comes back with nothing behind it', () => {
    let { holding } = deposit(noHolding, { tokens: 100n, credits: 100n })
    holding = lease(holding, 30n).holding
    holding = withdraw(holding, { tokens: 100n, life: 1n }).holding
    expect(holding).toMatchObject({ tokens: 0n, credits: 30n, leased: 30n })
    const back = giveBack(holding, 30n)
    expect(back.holding).toEqual({ ...noHolding, life: 1n })
    expect(back.moves).toEqual([{ verb: 'void', tokens: 0n, credits: 30n }])
  })

  test('has no more credits after a fork than its deposit gives, whatever gateways held meanwhile', () => {
    const given = { tokens: 100n, credits: 10_000n }
    const leased = lease(deposit(noHolding, given).holding, 400n).holding
    const gone = orphan(leased, given).holding
    expect(gone).toMatchObject({ tokens: 0n, credits: 400n, leased: 400n, toVoid: 400n })
    const again = deposit(gone, given).holding
    expect(again).toMatchObject({ credits: 10_000n, leased: 400n, toVoid: 0n })
    expect(giveBack(again, 400n).holding.credits).toBe(10_000n)
    // What was used while nothing stood behind it is owed out of what comes next.
    const used = charge(gone, { credits: 400n, isLeased: true }).holding
    expect(used).toMatchObject({ credits: 0n, toVoid: 400n })
    const owed = deposit(used, given)
    expect(owed.holding).toMatchObject({ tokens: 100n, credits: 9_600n, toVoid: 0n })
    expect(owed.moves).toEqual([
      { verb: 'deposit', tokens: 100n, credits: 10_000n },
      { verb: 'void', tokens: 0n, credits: 400n },
    ])
  })

  test('is worth what was deposited less what was used, whatever a fork and leases do in between', () => {
    const kept = fc.record({
      tokens: fc.bigInt(1n, 10n ** 24n),
      credits: fc.bigInt(1n, 10n ** 14n),
    })
    fc.assert(
      fc.property(kept, kept, part, part, (first, second, leasedPart, usedPart) => {
        let { holding } = deposit(noHolding, first)
        holding = lease(holding, (first.credits * leasedPart) / 1_000_000n).holding
        const used = (holding.leased * usedPart) / 1_000_000n
        holding = orphan(holding, first).holding
        holding = charge(holding, { credits: used, isLeased: true }).holding
        holding = deposit(holding, second).holding
        holding = giveBack(holding, holding.leased).holding
        const left = second.credits - used
        expect(holding.credits).toBe(left > 0n ? left : 0n)
        expect(holding.tokens).toBe(second.tokens)
      }),
    )
  })

  test('takes back an orphaned deposit at the rate that was given for it', () => {
    let { holding } = deposit(noHolding, { tokens: 100n, credits: 100n })
    holding = deposit(holding, { tokens: 100n, credits: 300n }).holding
    const after = orphan(holding, { tokens: 100n, credits: 300n })
    expect(after.holding).toMatchObject({ tokens: 100n, credits: 100n })
  })

  test('has what a deposit gives at the rate of its last block, however often it was attested', () => {
    const attested = fc.record({
      tokens: fc.bigInt(1n, 10n ** 24n),
      credits: fc.bigInt(0n, 10n ** 14n),
    })
    fc.assert(
      fc.property(attested, fc.array(attested, { minLength: 1, maxLength: 6 }), (other, all) => {
        let { holding } = deposit(noHolding, other)
        let booked = { tokens: 0n, credits: 0n }
        for (const now of all) {
          const delta = {
            tokens: now.tokens - booked.tokens,
            credits: now.credits - booked.credits,
          }
          const amended = amend(holding, delta)
          expect(amended.missing).toBe(0n)
          holding = amended.holding
          booked = now
        }
        expect(holding.tokens).toBe(other.tokens + booked.tokens)
        // What is orphaned takes its part of the credits of others with it where those were the better ones.
        expect(holding.credits <= other.credits + booked.credits).toBe(true)
        const isShrinking = all.some(({ tokens: after }, at) => after < (all[at - 1]?.tokens ?? 0n))
        if (!isShrinking) expect(holding.credits).toBe(other.credits + booked.credits)
      }),
    )
  })

  test('keeps what was used charged when its deposit is worth less in another block', () => {
    let { holding } = deposit(noHolding, { tokens: 100n, credits: 1_000n })
    holding = lease(holding, 300n).holding
    holding = charge(holding, { credits: 100n, isLeased: true }).holding
    // A thousand tokens that give 400 credits in all: 600 of the 1,000 given before go.
    const moved = amend(holding, { tokens: 900n, credits: -600n })
    expect(moved.holding).toMatchObject({ tokens: 990n, credits: 300n, leased: 200n, accrued: 10n })
    expect(moved.moves).toEqual([
      { verb: 'deposit', tokens: 900n, credits: 0n },
      { verb: 'void', tokens: 0n, credits: 600n },
    ])
    // What is leased may have been used already: it ends when it comes back.
    const { holding: short } = amend(holding, { tokens: 900n, credits: -990n })
    expect(short).toMatchObject({ credits: 200n, leased: 200n, toVoid: 290n })
    expect(giveBack(short, 200n).holding).toMatchObject({ credits: 0n, toVoid: 90n })
  })

  test('has fewer tokens and more credits when a deposit came back smaller and dearer', () => {
    const { holding } = deposit(noHolding, { tokens: 100n, credits: 1_000n })
    const moved = amend(holding, { tokens: -40n, credits: 500n })
    expect(moved.holding).toMatchObject({ tokens: 60n, credits: 1_500n })
    expect(moved.missing).toBe(0n)
  })

  test('goes on telling what the contract holds when that took more than was accrued', () => {
    let { holding } = deposit(noHolding, { tokens: 100n, credits: 50n })
    holding = charge(holding, { credits: 5n, isLeased: false }).holding
    const taken = apply(holding, 30n)
    expect(taken.holding).toMatchObject({ tokens: 70n, credits: 35n, accrued: 0n, spent: 30n })
    expect(taken.missing).toBe(0n)
    const short = apply(holding, 130n)
    expect([short.missing, short.holding.missing]).toEqual([30n, 30n])
    expect(withdraw(short.holding, { tokens: 5n, life: 0n }).holding.missing).toBe(35n)
  })

  test('refuses what is not there', () => {
    const { holding } = deposit(noHolding, { tokens: 10n, credits: 10n })
    expect(() => lease(holding, 11n)).toThrow('cannot lease 11 of 10 credits')
    expect(() => giveBack(holding, 1n)).toThrow('cannot give back 1 of 0 credits')
    expect(() => charge(holding, { credits: 1n, isLeased: true })).toThrow(
      'cannot charge 1 of 0 credits',
    )
    const leased = lease(holding, 8n).holding
    expect(() => charge(leased, { credits: 3n, isLeased: false })).toThrow(
      'cannot charge 3 of 2 credits',
    )
  })

  test('says the most that credits can cost', () => {
    const { holding } = deposit(noHolding, { tokens: 10n, credits: 3n })
    expect([1n, 2n, 3n, 9n].map((each) => tokensOf(holding, each))).toEqual([4n, 7n, 10n, 10n])
    expect(tokensOf(noHolding, 5n)).toBe(0n)
  })
})
