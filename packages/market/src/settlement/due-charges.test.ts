import { expect, test } from 'bun:test'
import type { Deposit } from '../economy/payments/escrow.ts'
import { takenBy, takesAll } from './due-charges.ts'

/** At most a tenth of a balance at a time, and a hundred at least. */
const cap = { min: 100n, ppm: 100_000n }
const deposit: Deposit = {
  ...{ balance: 800n, spent: 200n, life: 1n, lastRootId: 4n, lastRootCharged: 30n },
  ...{ withdrawing: 0n, withdrawableAt: 0n, open: true, keyCommitment: '0x' },
}

test.each([
  ['what is new', { rootId: 5n, life: 1, total: 250n }, 50n, true],
  ['at most the cap', { rootId: 5n, life: 1, total: 400n }, 100n, false],
  ['of the last root what its cap leaves', { rootId: 4n, life: 1, total: 400n }, 70n, false],
  ['nothing of an older root', { rootId: 3n, life: 1, total: 250n }, 0n, false],
  ['nothing of another life', { rootId: 5n, life: 0, total: 250n }, 0n, false],
  ['nothing twice', { rootId: 5n, life: 1, total: 200n }, 0n, false],
])('a leaf takes %s', (_what, leaf, taken, isAll) => {
  expect(takenBy(deposit, leaf, cap)).toBe(taken)
  expect(takesAll(deposit, leaf, cap)).toBe(isAll)
})

test('a leaf takes no more than there is', () => {
  const poor = { ...deposit, balance: 20n }
  expect(takenBy(poor, { rootId: 5n, life: 1, total: 250n }, cap)).toBe(20n)
})
