import { describe, expect, test } from 'bun:test'
import { Outages } from './outages.ts'
import { Purse } from './purse.ts'
import { RefundRooms } from './refund-room.ts'

type Failed = Parameters<RefundRooms['isFree']>[0]

const price = 400
const hourMs = 3_600_000

/** An account that has its requests fail; nothing here is asked of a node. */
function failing({ chargedShareMax = 0, burstCredits = 10 * price } = {}) {
  const outages = new Outages()
  outages.sweep(0)
  const rooms = new RefundRooms({ burstCredits, chargedShareMax })
  const purse = new Purse({ account: 'a', key: '' }, { touch() {}, nowMs: 0 })
  const tally = outages.tallyOf('eth', 'a')
  // Only what the rule reads of them.
  const chain = { upstreams: [{ assignable: true }, { assignable: true }] } as never
  const exchange: Failed['exchange'] = { chain, purse, reserved: price, relayed: undefined }
  const fail = (nowMs: number, own: Partial<Failed['exchange']> = {}) => {
    tally.note(false)
    return rooms.isFree({ exchange: { ...exchange, ...own }, tally }, nowMs)
  }
  const freeOf = (count: number, nowMs: number) =>
    Array.from({ length: count }, () => fail(nowMs)).filter(Boolean).length
  const spendUntil = (from: number, to: number) => {
    for (let second = from; second <= to; second++) spend(purse, second * 1_000)
  }
  return { outages, fail, freeOf, spendUntil }
}

/** 100,000 credits in a second. */
function spend(purse: Purse, nowMs: number): void {
  purse.grant(
    { account: 'a', key: '', granted: 100_000, left: '0', reason: null, retryAfterMs: null },
    nowMs,
  )
  purse.reserve(100_000)
  purse.settle(100_000, 100_000)
  purse.claim(0, nowMs)
}

const outcomeThat = (sent: boolean) =>
  // Only what the rule reads of it.
  ({ outcomes: [{ verdict: { kind: 'failed', sent } }] }) as never

describe('failures that a request may have provoked', () => {
  test('are free up to a burst, which comes back within an hour', () => {
    const { freeOf } = failing()
    expect(freeOf(100, 0)).toBe(10)
    expect(freeOf(100, hourMs / 2)).toBe(5)
    expect(freeOf(100, 2 * hourMs)).toBe(10)
  })

  test('are free besides up to a share of what the account is charged', () => {
    const { freeOf, spendUntil } = failing({ chargedShareMax: 0.1, burstCredits: price })
    expect(freeOf(10, 0)).toBe(1)
    spendUntil(1, 60)
    // A tenth of 100,000 credits a second, a minute of it at the most.
    expect(freeOf(10_000, 60_000)).toBe((60 * 10_000) / price)
    spendUntil(61, 61)
    expect(freeOf(100, 61_000)).toBe(10_000 / price)
  })

  test('are free while others have them as well, and take no room then', () => {
    const { outages, fail, freeOf } = failing()
    outages.tallyOf('eth', 'b').note(false)
    outages.tallyOf('eth', 'c').note(false)
    outages.sweep(1_000)
    expect(freeOf(100, 1_000)).toBe(100)
    for (const voice of ['b', 'c']) {
      for (let at = 0; at < 20; at++) outages.tallyOf('eth', voice).note(true)
    }
    outages.sweep(2_000)
    expect(freeOf(100, 2_000)).toBe(10)
    expect(fail(2_000)).toBeFalse()
  })

  test('are free in a part of an outage, as far as twice the part of others fails', () => {
    const { outages, freeOf, spendUntil } = failing({ burstCredits: 0 })
    const other = outages.tallyOf('eth', 'b')
    spendUntil(1, 60)
    for (const isAnswered of [true, true, false]) other.note(isAnswered)
    outages.sweep(1_000)
    freeOf(10_000, 60_000)
    spendUntil(61, 61)
    // A third of the other's and none of the nodes: a sixth, and twice that of 100,000 credits a second, with what was
    // left of the minute before.
    const ofSecond = Math.floor(100_000 / 3 / price)
    expect([ofSecond, ofSecond + 1]).toContain(freeOf(1_000, 61_000))
  })

  test('are free when no node was reached, and where half of the nodes are unfit', () => {
    const { fail } = failing({ burstCredits: 0 })
    expect(fail(0, { relayed: outcomeThat(false) })).toBeTrue()
    expect(fail(0, { relayed: outcomeThat(true) })).toBeFalse()
    const chain = { upstreams: [{ assignable: true }, { assignable: false }] } as never
    expect(fail(0, { relayed: outcomeThat(true), chain })).toBeTrue()
  })

  test('have one room for all keys of an account', () => {
    const { fail, freeOf } = failing()
    const other = new Purse({ account: 'a', key: 'k' }, { touch() {}, nowMs: 0 })
    expect(freeOf(10, 0)).toBe(10)
    expect(fail(0, { purse: other })).toBeFalse()
  })
})
