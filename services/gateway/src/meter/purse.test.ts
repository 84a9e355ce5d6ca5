import { describe, expect, test } from 'bun:test'
import { MarketError } from '@mooring/protocol/market-error'
import type { LeaseClaim, LeaseGrant } from '@mooring/protocol/metering/wire'
import fc from 'fast-check'
import { heldCreditsMin, idleMs, Purse } from './purse.ts'

const account = `eip155:1:0x${'aa'.repeat(20)}`
const nothing = { reason: null, retryAfterMs: null } as const

function grantOf(granted: number, own: Partial<LeaseGrant> = {}): LeaseGrant {
  return { account, key: '', granted, left: '0', ...nothing, ...own }
}

function createPurse(nowMs = 0): Purse {
  return new Purse({ account, key: '' }, { touch() {}, nowMs })
}

/** What the ledger has of it: what is leased to it, and all that ever came and went. */
class Book {
  leased = 0
  granted = 0
  charged = 0
  returned = 0
  readonly free: { credits: number }

  constructor(credits: number) {
    this.free = { credits }
  }

  take(posted: number, { holds, wants, needs }: LeaseClaim): LeaseGrant {
    this.charge(posted)
    const back = Math.max(0, this.leased - holds)
    this.leased -= back
    this.returned += back
    this.free.credits += back
    const granted = Math.min(wants, this.free.credits)
    const isEnough = granted >= needs
    if (wants === 0 || !isEnough) {
      return grantOf(0, { reason: wants === 0 ? null : 'exhausted' })
    }
    this.free.credits -= granted
    this.leased += granted
    this.granted += granted
    return grantOf(granted)
  }

  charge(posted: number): void {
    this.leased -= posted
    this.charged += posted
  }
}

type Step =
  | { kind: 'reserve'; price: number }
  | { kind: 'settle'; isCharged: boolean }
  | { kind: 'post'; isLost: boolean }
  | { kind: 'recall' }
  | { kind: 'pass'; durationMs: number }

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ kind: fc.constant('reserve'), price: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({ kind: fc.constant('reserve'), price: fc.integer({ min: 1, max: 3_000 }) }),
    fc.record({ kind: fc.constant('settle'), isCharged: fc.boolean() }),
    fc.record({ kind: fc.constant('post'), isLost: fc.boolean() }),
    fc.record({ kind: fc.constant('recall') }),
    fc.record({ kind: fc.constant('pass'), durationMs: fc.integer({ min: 1, max: 20_000 }) }),
  ),
  { maxLength: 120 },
)

/** Plays the steps against a ledger; returns both once everything is answered and told. */
async function play(all: readonly Step[], credits: number) {
  const book = new Book(credits)
  const purse = createPurse()
  const running: number[] = []
  let nowMs = 0
  let served = 0
  let refused = 0
  let unposted = 0
  const waiting = new Set<Promise<void>>()
  const check = () => {
    expect(purse.left).toBeGreaterThanOrEqual(0)
    // It never believes to have more than the ledger has leased to it.
    expect(purse.held.leased).toBeLessThanOrEqual(book.leased + unsure)
    expect(book.granted).toBe(book.charged + book.returned + book.leased)
  }
  let sent: number | undefined
  /** Charged in the books by a post whose answer was lost. */
  let unsure = 0
  const post = async (isLost: boolean) => {
    const posted = sent ?? unposted
    if (sent === undefined) unposted = 0
    const isFirst = unsure === 0 || sent === undefined
    const claim = purse.claim(posted, nowMs)
    const charges = isFirst ? posted : 0
    if (claim === undefined) book.charge(charges)
    const grant = claim && book.take(charges, claim)
    sent = posted
    unsure = isLost ? posted : 0
    if (isLost) {
      if (posted === 0) sent = undefined
      return
    }
    sent = undefined
    purse.confirm(posted)
    if (grant !== undefined) purse.grant(grant, nowMs)
    purse.answered()
    await Promise.resolve()
  }
  for (const step of all) {
    if (step.kind === 'pass') nowMs += step.durationMs
    else if (step.kind === 'recall') purse.recall()
    else if (step.kind === 'reserve') {
      if (purse.reserve(step.price)) running.push(step.price)
      else {
        try {
          const promise = purse.wait(step.price, { nowMs, untilMs: Number.POSITIVE_INFINITY })
          const done = promise.then(
            () => void running.push(step.price),
            () => void refused++,
          )
          waiting.add(done)
          void done.finally(() => waiting.delete(done))
        } catch (error) {
          expect(error).toBeInstanceOf(MarketError)
          refused++
        }
      }
    } else if (step.kind === 'settle') {
      const price = running.shift()
      if (price === undefined) continue
      const charged = step.isCharged ? price : 0
      purse.settle(price, charged)
      served += charged
      unposted += charged
    } else await post(step.isLost)
    await Promise.resolve()
    check()
  }
  for (let more = 0; more < 400 && (waiting.size > 0 || running.length > 0); more++) {
    await post(false)
    await Promise.resolve()
    for (const price of running.splice(0)) {
      purse.settle(price, price)
      served += price
      unposted += price
    }
    check()
  }
  await post(false)
  await post(false)
  nowMs += idleMs
  purse.claim(0, nowMs)
  return { book, purse, served, refused, waiting: waiting.size, credits, post, check }
}

describe('a purse', () => {
  test('never goes below zero, and what was granted is charged, given back or held', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 0, max: 50_000 }), async (all, credits) => {
        const { book, served, waiting } = await play(all, credits)
        expect(waiting).toBe(0)
        expect(book.charged).toBe(served)
        expect(served).toBeLessThanOrEqual(credits)
        expect(book.free.credits + book.leased + book.charged).toBe(credits)
      }),
      { numRuns: 300 },
    )
  })

  test('asks for ten seconds of what is spent, and not before half of it is gone', () => {
    const purse = createPurse()
    expect(purse.claim(0, 0)).toMatchObject({ holds: 0, wants: heldCreditsMin, needs: 0 })
    purse.grant(grantOf(heldCreditsMin), 0)
    purse.answered()
    expect(purse.claim(0, 10)).toBeUndefined()
    for (let second = 1; second <= 30; second++) {
      if (!purse.reserve(1_000)) throw new Error('there is too little')
      purse.settle(1_000, 1_000)
      const claim = purse.claim(1_000, second * 1_000)
      purse.confirm(1_000)
      if (claim !== undefined) purse.grant(grantOf(claim.wants), second * 1_000)
      purse.answered()
    }
    expect(purse.left).toBeGreaterThan(4_000)
    expect(purse.left).toBeLessThanOrEqual(10_001)
  })

  test('asks for what the first in its queue needs, beside what it has', () => {
    const purse = createPurse()
    purse.grant(grantOf(300), 0)
    const first = purse.wait(1_000, { nowMs: 0, untilMs: 9 })
    const second = purse.wait(50, { nowMs: 0, untilMs: 9 })
    expect(purse.reserve(10)).toBeFalse()
    expect(purse.claim(0, 0)).toMatchObject({ holds: 300, wants: heldCreditsMin + 750, needs: 700 })
    purse.grant(grantOf(700), 0)
    expect(purse.left).toBe(0)
    expect(purse.waiting).toBe(1)
    purse.refuse(new MarketError('LEDGER_AWAY', 'away'))
    expect(Promise.all([first, second])).rejects.toThrow('away')
  })

  test('refuses what was not granted for a second without asking, and not what is cheaper', async () => {
    const purse = createPurse()
    const waits = { nowMs: 0, untilMs: 5_000 }
    const dear = purse.wait(1_000, waits).catch(({ code }) => code)
    const cheap = purse.wait(10, waits)
    purse.claim(0, 0)
    purse.grant(grantOf(0, { reason: 'exhausted' }), 0)
    purse.answered()
    expect(await dear).toBe('PAYMENT_REQUIRED')
    expect(purse.waiting).toBe(1)
    expect(() => purse.wait(1_000, { nowMs: 999, untilMs: 5_000 })).toThrow('nothing is left')
    expect(purse.claim(0, 0)).toMatchObject({ needs: 10 })
    purse.grant(grantOf(10), 0)
    await cheap
    const again = purse.wait(1_000, { nowMs: 1_001, untilMs: 5_000 })
    expect(purse.waiting).toBe(1)
    purse.refuse(new MarketError('LEDGER_AWAY', 'away'))
    expect(again).rejects.toThrow('away')
  })

  test('says why, in a sentence for each reason', async () => {
    const says = async (reason: LeaseGrant['reason'], retryAfterMs: number | null = null) => {
      const purse = createPurse()
      const waiting = purse.wait(10, { nowMs: 0, untilMs: 5_000 })
      const failed = waiting.catch((error: MarketError) => error)
      purse.claim(0, 0)
      purse.grant(grantOf(0, { reason, retryAfterMs }), 0)
      purse.answered()
      purse.expire(new MarketError('LEDGER_AWAY', 'away'), 6_000)
      const { code, message, details } = (await failed) as MarketError
      return { code, message, details }
    }
    expect(await says('exhausted')).toMatchObject({ code: 'PAYMENT_REQUIRED' })
    expect((await says('period-cap', 60_000)).details).toEqual({
      reason: 'period-cap',
      retryAfterMs: 60_000,
    })
    expect((await says('key-cap')).message).toContain('limit of the day')
    expect((await says('frozen')).code).toBe('UNAUTHENTICATED')
    // Others may give back in a moment, so it is told only when the wait is over.
    expect((await says('reserved', 500)).message).toContain('lent to gateways')
  })

  test('gives back what nobody needs when it is recalled or idle, and keeps what is set aside', () => {
    const purse = createPurse()
    purse.grant(grantOf(1_000), 0)
    expect(purse.reserve(300)).toBeTrue()
    purse.recall()
    expect(purse.claim(0, 1)).toMatchObject({ holds: 300, wants: 0 })
    expect(purse.left).toBe(0)
    purse.answered()
    purse.settle(300, 0)
    purse.claim(0, 2)
    purse.answered()
    expect(purse.claim(0, 3 + idleMs)).toMatchObject({ holds: 0, wants: 0 })
    expect(purse.isEmpty).toBeTrue()
  })

  test('whose lease has ended uses nothing of it, and pays what was on its way out of the next', () => {
    const purse = createPurse()
    purse.grant(grantOf(1_000), 0)
    purse.reserve(300)
    purse.reserve(200)
    purse.settle(200, 200)
    purse.forfeit(200)
    expect(purse.reserve(1)).toBeFalse()
    expect(purse.claim(200, 1)).toMatchObject({ holds: 0 })
    purse.confirm(200)
    purse.grant(grantOf(heldCreditsMin), 2)
    // The ledger charges the 300 to the lease that it has given now.
    expect(purse.left).toBe(heldCreditsMin - 300)
    purse.settle(300, 300)
    expect(purse.left).toBe(heldCreditsMin - 300)
  })

  test('whose lease has ended holds nothing, and never less, while frames charge what was on its way', () => {
    const purse = createPurse()
    purse.grant(grantOf(1_000), 0)
    for (const price of [200, 300, 400]) purse.reserve(price)
    purse.settle(200, 200)
    purse.settle(300, 300)
    // The first frame was sent without an answer until the lease had ended; the second waits for it.
    purse.forfeit(200)
    expect(purse.claim(200, 1)).toMatchObject({ holds: 0 })
    purse.confirm(200)
    purse.grant(grantOf(0, { reason: 'exhausted' }), 2)
    purse.answered()
    expect(purse.claim(300, 2_000)).toMatchObject({ holds: 0 })
    purse.confirm(300)
    purse.grant(grantOf(0, { reason: 'exhausted' }), 2_001)
    purse.answered()
    // The ledger has charged them, so they are paid out of no later lease.
    purse.settle(400, 0)
    expect(purse.left).toBe(0)
    expect(purse.claim(0, 4_000)).toMatchObject({ holds: 0, needs: 0 })
  })
})
