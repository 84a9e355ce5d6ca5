import { describe, expect, test } from 'bun:test'
import { windowRelaysMax } from '@mooring/protocol/relays/receipts'
import type { Hex } from '@mooring/protocol/relays/sessions'
import { RelaySession, windowRule } from './relay-session.ts'

const hashOf = (byte: string): Hex => `0x${byte.repeat(32)}`
const open = () =>
  new RelaySession({
    ...{ id: hashOf('01'), token: 't', nodeId: 7n, gateway: `0x${'aa'.repeat(20)}` },
    ...{ chain: hashOf('02'), untilMs: Number.POSITIVE_INFINITY },
  })
const [paid, tariff] = [80, hashOf('09')]

let made = 0
function accept(
  session: RelaySession,
  count: number,
  given: { worth?: number | undefined; epoch?: bigint; nowMs?: number },
): void {
  const { epoch = 1n, nowMs = 0 } = given
  const worth = 'worth' in given ? given.worth : paid
  for (let at = 0; at < count; at++) {
    session.accept({ request: `${++made}`, response: 'x' }, worth, { epoch, tariff, nowMs })
  }
}

function signAll(session: RelaySession): { relays: bigint; credits: bigint }[] {
  const signed: { relays: bigint; credits: bigint }[] = []
  for (let draft = session.draft(); draft !== undefined; draft = session.draft()) {
    // The same until it is signed.
    expect(session.draft()).toBe(draft)
    const { relays, credits } = draft.receipt
    signed.push({ relays, credits })
    session.signed(draft)
  }
  return signed
}

describe('a window', () => {
  test('is closed when enough relays and some time are in it, or much time', () => {
    const session = open()
    accept(session, windowRule.relaysMin - 1, {})
    session.review(windowRule.openMsMin, 1n)
    expect(session.draft()).toBeUndefined()
    accept(session, 1, {})
    session.review(windowRule.openMsMin - 1, 1n)
    expect(session.draft()).toBeUndefined()
    session.review(windowRule.openMsMin, 1n)
    expect(signAll(session)).toEqual([{ relays: 100n, credits: 8_000n }])
    accept(session, 1, { nowMs: 5_000 })
    session.review(5_000 + windowRule.openMsMax - 1, 1n)
    expect(session.draft()).toBeUndefined()
    session.review(5_000 + windowRule.openMsMax, 1n)
    expect(signAll(session)).toEqual([{ relays: 1n, credits: 80n }])
    expect(session.isSettled).toBe(true)
  })

  test('holds no more than a receipt may, and one epoch', () => {
    const session = open()
    accept(session, windowRelaysMax + 1, {})
    accept(session, 2, { worth: 5 })
    accept(session, 3, { epoch: 2n })
    accept(session, 4, { worth: undefined, epoch: 2n })
    session.review(0, 2n, { isLast: true })
    expect(signAll(session)).toEqual([
      { relays: BigInt(windowRelaysMax), credits: 80n * BigInt(windowRelaysMax) },
      { relays: 3n, credits: 90n },
      { relays: 7n, credits: 240n },
    ])
  })

  test('counts two relays with the same leaf as one', () => {
    const session = open()
    for (const worth of [paid, paid, undefined]) {
      const bodies = { request: 'same', response: 'same' }
      session.accept(bodies, worth, { epoch: 1n, tariff, nowMs: 0 })
    }
    session.review(0, 1n, { isLast: true })
    expect(signAll(session)).toEqual([{ relays: 1n, credits: 80n }])
  })
})

test('sums go on within an epoch, and begin anew in the next', () => {
  const session = open()
  const sums: bigint[][] = []
  for (const epoch of [1n, 1n, 2n]) {
    accept(session, 2, { epoch })
    session.review(0, epoch, { isLast: true })
    const draft = session.draft()!
    const { number, relaysSum, creditsSum } = draft.receipt
    sums.push([number, relaysSum, creditsSum])
    session.signed(draft)
  }
  expect(sums).toEqual([
    [1n, 2n, 160n],
    [2n, 4n, 320n],
    [1n, 2n, 160n],
  ])
})

test('what is left when a session ends is told, and nothing is taken any more', () => {
  const session = open()
  accept(session, 3, {})
  session.review(0, 1n, { isLast: true })
  accept(session, 2, { worth: undefined })
  expect(session.unproven).toBe(5)
  expect(session.end()).toBe(5)
  accept(session, 1, {})
  expect(session.unproven).toBe(0)
  expect(session.draft()).toBeUndefined()
})
