import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { least, most } from '../economy/money/mul-div.ts'
import { periodCap } from '../economy/payments/escrow.ts'
import { type ChargedAccount, chargeTotals } from './charge-totals.ts'
import { addressOf } from './epoch.fixtures.ts'

const cap = { min: 500n, ppm: 100_000n }
const one = { account: addressOf(1), life: 0, spent: 0n, accrued: 40n, balance: 1_000n }

test('a leaf is what was used since the life began', () => {
  const totals = chargeTotals([{ ...one, spent: 60n }], [], cap)
  expect(totals).toEqual({ leaves: [{ account: one.account, life: 0, total: 100n }], waiting: 0n })
})

test('who has nothing that is not taken has no leaf', () => {
  expect(chargeTotals([{ ...one, spent: 60n, accrued: 0n }], [], cap).leaves).toEqual([])
})

test('what is over the cap waits', () => {
  const { leaves, waiting } = chargeTotals([{ ...one, accrued: 700n }], [], cap)
  expect(leaves.map(({ total }) => total)).toEqual([500n])
  expect(waiting).toBe(200n)
  // Signed and not taken yet: the next root goes on from there, with what will be left then.
  const next = chargeTotals([{ ...one, accrued: 700n }], leaves, cap)
  expect(next).toEqual({ leaves: [{ account: one.account, life: 0, total: 700n }], waiting: 0n })
})

test('what was signed for another life does not count', () => {
  const previous = [{ account: one.account, life: 0, total: 900n }]
  const { leaves } = chargeTotals([{ ...one, life: 1 }], previous, cap)
  expect(leaves).toEqual([{ account: one.account, life: 1, total: 40n }])
})

test('no total falls: where a part lapsed there is no leaf', () => {
  const previous = [{ account: one.account, life: 0, total: 41n }]
  expect(chargeTotals([one], previous, cap)).toEqual({ leaves: [], waiting: 0n })
})

test('leaves are in the order of accounts', () => {
  const accounts = [3, 1, 2].map((number) => ({ ...one, account: addressOf(number) }))
  const { leaves } = chargeTotals(accounts, [], cap)
  expect(leaves.map(({ account }) => account)).toEqual([1, 2, 3].map(addressOf))
})

const amount = fc.bigInt({ min: 0n, max: 5_000n })
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
        const { leaves, waiting } = chargeTotals([state], previous, cap)
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
