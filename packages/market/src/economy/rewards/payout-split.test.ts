import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { countedDelegation } from '../staking/staking-pool.ts'
import { splitPayout } from './payout-split.ts'

const amounts = fc.bigInt({ min: 0n, max: 2n ** 100n })
const rates = fc.bigInt({ min: 0n, max: 1_000_000n })

test('the parts of a payout are the payout, and no part is negative', () => {
  fc.assert(
    fc.property(amounts, rates, amounts, amounts, (amount, commissionPpm, self, counted) => {
      const { toProvider, toDelegators } = splitPayout(amount, commissionPpm, { self, counted })
      expect(toProvider + toDelegators).toBe(amount)
      expect(toProvider >= 0n && toDelegators >= 0n).toBe(true)
    }),
  )
})

test('delegators never pay for rounding', () => {
  fc.assert(
    fc.property(amounts, rates, amounts, amounts, (amount, commissionPpm, self, counted) => {
      if (counted === 0n) return
      const { toDelegators } = splitPayout(amount, commissionPpm, { self, counted })
      const exact = amount * (1_000_000n - commissionPpm) * counted
      expect(toDelegators * 1_000_000n * (self + counted) >= exact).toBe(true)
    }),
  )
})

test('without delegation that counts, all is the provider’s', () => {
  expect(splitPayout(99n, 100_000n, { self: 0n, counted: 0n }).toDelegators).toBe(0n)
  expect(splitPayout(99n, 100_000n, { self: 5n, counted: 0n }).toDelegators).toBe(0n)
})

test('commission comes first, the rest goes by stake', () => {
  const split = splitPayout(1_000n, 100_000n, { self: 1n, counted: 2n })
  expect(split).toEqual({ toProvider: 400n, toDelegators: 600n })
  const uneven = splitPayout(1_001n, 100_000n, { self: 1n, counted: 2n })
  expect(uneven).toEqual({ toProvider: 400n, toDelegators: 601n })
})

test('delegation counts up to the ratio to self-stake', () => {
  expect(countedDelegation({ self: 10n, delegated: 159n }, 16n)).toBe(159n)
  expect(countedDelegation({ self: 10n, delegated: 161n }, 16n)).toBe(160n)
  expect(countedDelegation({ self: 0n, delegated: 161n }, 16n)).toBe(0n)
})
