import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { least, most } from '../economy/money/mul-div.ts'
import { periodCap } from '../economy/payments/escrow.ts'
import {
  type ChargedAccount,
  chargeTotals,
  isTaken,
  leafProblem,
  signedTotals,
} from './charge-totals.ts'
import { addressOf } from './epoch.fixtures.ts'
import type { ChargeLeaf } from './plain-tree.ts'

const cap = { min: 500n, ppm: 100_000n }
const none = signedTotals([])
const one = { account: addressOf(1), life: 0, spent: 0n, accrued: 40n, balance: 1_000n }

test('a leaf is what was used since the life began', () => {
  const totals = chargeTotals([{ ...one, spent: 60n }], none, cap)
  expect(totals).toEqual({ leaves: [{ account: one.account, life: 0, total: 100n }], waiting: 0n })
})

test('who has nothing that is not taken has no leaf', () => {
  expect(chargeTotals([{ ...one, spent: 60n, accrued: 0n }], none, cap).leaves).toEqual([])
})

test('what is over the cap waits', () => {
  const { leaves, waiting } = chargeTotals([{ ...one, accrued: 700n }], none, cap)
  expect(leaves.map(({ total }) => total)).toEqual([500n])
  expect(waiting).toBe(200n)
  // Signed and not taken yet: the next root goes on from there, with what will be left then.
  const next = chargeTotals([{ ...one, accrued: 700n }], signedTotals([leaves]), cap)
  expect(next).toEqual({ leaves: [{ account: one.account, life: 0, total: 700n }], waiting: 0n })
})

test('what was signed for another life does not count', () => {
  const previous = [{ account: one.account, life: 0, total: 900n }]
  const { leaves } = chargeTotals([{ ...one, life: 1 }], signedTotals([previous]), cap)
  expect(leaves).toEqual([{ account: one.account, life: 1, total: 40n }])
})

test('no total falls: where a part lapsed there is no leaf', () => {
  const previous = [{ account: one.account, life: 0, total: 41n }]
  expect(chargeTotals([one], signedTotals([previous]), cap)).toEqual({ leaves: [], waiting: 0n })
})

test('leaves are in the order of accounts', () => {
  const accounts = [3, 1, 2].map((number) => ({ ...one, account: addressOf(number) }))
  const { leaves } = chargeTotals(accounts, none, cap)
  expect(leaves.map(({ account }) => account)).toEqual([1, 2, 3].map(addressOf))
})

test('a leaf of an older root counts that the newest has none of', () => {
  const leaf = (total: bigint) => [{ account: one.account, life: 0, total }]
  const signed = signedTotals([[], leaf(300n), leaf(600n)])
  // Of 1,000 the older root takes 600 before this one takes anything, so that 400 is all there is.
  const { leaves } = chargeTotals([{ ...one, accrued: 2_000n }], signed, cap)
  expect(leaves).toEqual(leaf(1_000n))
})

test.each<[string, Partial<ChargeLeaf>, string]>([
  ['of another life', { life: 1 }, 'life: 0'],
  ['of nothing', { total: 0n }, 'total: 60 to 560'],
  ['below what is signed', { total: 59n }, 'total: 60 to 560'],
  ['over the cap', { total: 561n }, 'total: 60 to 560'],
])('a leaf %s is not signed', (_what, wrong, says) => {
  const leaf = { account: one.account, life: 0, total: 60n }
  const terms = { signed: signedTotals([[leaf]]), cap }
  expect(leafProblem(leaf, one, terms)).toBeUndefined()
  const { member, expected } = leafProblem({ ...leaf, ...wrong }, one, terms) ?? {}
  expect(`${member}: ${expected}`).toBe(says)
})

test('a leaf that was taken since the file was made is no reason to refuse', () => {
  const leaf = { account: one.account, life: 0, total: 60n }
  const account = { ...one, spent: 60n, balance: 0n }
  expect(leafProblem(leaf, account, { signed: none, cap })).toBeUndefined()
})

const amount = fc.bigInt({ min: 0n, max: 5_000n })
type Step =
  | { do: 'use' | 'deposit' | 'withdraw'; amount: bigint }
  | { do: 'root' }
  | { do: 'apply'; at: number }
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('use', 'deposit', 'withdraw'), amount }),
  fc.constant({ do: 'root' } as const),
  fc.record({ do: fc.constant('apply'), at: fc.nat(9) }),
)

/** One account of an escrow and of the books, as far as roots are about it. */
class Played {
  own: ChargedAccount = { ...one, accrued: 0n, balance: 1_000n }
  lastRoot = 0
  lastTaken = 0n
  readonly roots: (readonly ChargeLeaf[])[] = []

  take(next: Step): void {
    const { own } = this
    if (next.do === 'use') own.accrued = least(own.balance, own.accrued + next.amount)
    if (next.do === 'deposit') own.balance += next.amount
    if (next.do === 'withdraw') this.#withdraw(next.amount)
    if (next.do === 'apply') this.#apply(next.at)
    if (next.do === 'root') this.#sign()
  }

  /** What was used and cannot be paid any more lapses. */
  #withdraw(amount: bigint): void {
    const { own } = this
    own.balance -= least(amount, own.balance)
    own.accrued = least(own.accrued, own.balance)
    if (own.balance > 0n) return
    this.own = { ...own, life: own.life + 1, spent: 0n, accrued: 0n, balance: 1_000n }
    this.lastRoot = 0
  }

  /** As the contract does. */
  #apply(at: number): void {
    const { own } = this
    const rootId = at + 1
    const leaf = this.roots[at]?.[0]
    if (leaf === undefined || leaf.life !== own.life || rootId < this.lastRoot) return
    if (isTaken(leaf, own)) return
    const taken = rootId === this.lastRoot ? this.lastTaken : 0n
    const room = most(0n, periodCap(own.balance + taken, cap) - taken)
    const amount = least(least(leaf.total - own.spent, own.balance), room)
    own.balance -= amount
    own.spent += amount
    own.accrued = most(0n, own.accrued - amount)
    this.lastRoot = rootId
    this.lastTaken = taken + amount
  }

  #sign(): void {
    const { own } = this
    const signed = signedTotals(this.roots)
    const { leaves, waiting } = chargeTotals([own], signed, cap)
    this.roots.push(leaves)
    const [leaf] = leaves
    if (leaf === undefined) return
    expect(leafProblem(leaf, own, { signed, cap })).toBeUndefined()
    expect(leaf.total + waiting).toBe(own.spent + own.accrued)
    const before = this.roots.slice(0, -1).flat()
    const open = before.filter((each) => each.life === own.life && !isTaken(each, own))
    const base = open.reduce((high, { total }) => most(high, total), own.spent)
    expect(leaf.total).toBeGreaterThanOrEqual(base)
    const left = most(0n, own.balance - (base - own.spent))
    expect(leaf.total - base).toBeLessThanOrEqual(least(left, periodCap(left, cap)))
  }
}

test('whatever is used, withdrawn and applied in whichever order, each root adds one cap at most', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const played = new Played()
      for (const next of steps) played.take(next)
    }),
    { numRuns: 500 },
  )
})

test('what is taken stays taken', () => {
  const leaf = { account: one.account, life: 1, total: 60n }
  expect(isTaken(leaf, { life: 1, spent: 59n })).toBe(false)
  expect(isTaken(leaf, { life: 1, spent: 60n })).toBe(true)
  expect(isTaken(leaf, { life: 2, spent: 0n })).toBe(true)
  expect(isTaken(leaf, { life: 0, spent: 90n })).toBe(false)
})

type Period = { use: bigint; deposit: bigint; isApplied: boolean }
const periods = fc.array(fc.record({ use: amount, deposit: amount, isApplied: fc.boolean() }), {
  maxLength: 20,
})

test('over any periods totals never fall, and each root is taken in full within cap and balance', () => {
  fc.assert(
    fc.property(periods, (all: Period[]) => {
      let state: ChargedAccount = { ...one, accrued: 0n, balance: 1_000n }
      let [used, deposited] = [0n, 1_000n]
      let previous: { account: typeof one.account; life: number; total: bigint }[] = []
      for (const { use, deposit, isApplied } of all) {
        deposited += deposit
        const unused = state.balance + deposit - state.accrued
        const more = least(use, unused)
        used += more
        state = {
          ...state,
          ...{ accrued: state.accrued + more, balance: state.balance + deposit },
        }
        const { leaves, waiting } = chargeTotals([state], signedTotals([previous]), cap)
        const before = previous[0]?.total ?? 0n
        const total = leaves[0]?.total ?? state.spent
        expect(waiting).toBe(used - (leaves.length > 0 ? total : used))
        if (leaves.length > 0) {
          const base = most(before, state.spent)
          expect(total).toBeGreaterThanOrEqual(base)
          const left = state.balance - (base - state.spent)
          expect(total - base).toBeLessThanOrEqual(periodCap(left, cap))
          expect(total - state.spent).toBeLessThanOrEqual(state.balance)
          previous = leaves
        }
        if (isApplied) {
          const taken = total - state.spent
          state = {
            ...{ ...state, spent: total, accrued: state.accrued - taken },
            balance: state.balance - taken,
          }
        }
        expect(state.spent + state.balance).toBe(deposited)
        expect(state.spent + state.accrued).toBe(used)
      }
    }),
  )
})
