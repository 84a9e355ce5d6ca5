import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { most } from '../money/mul-div.ts'
import {
  charged,
  createEscrow,
  type Deposit,
  depositOf,
  periodCap,
  withdrawnDeposit,
} from './escrow.ts'

const cap = { min: 50n, ppm: 100_000n }
const account: Deposit = {
  ...depositOf(createEscrow('ankr', 0n), '0xa'),
  balance: 1_000n,
  open: true,
}
const charge = (deposit: Deposit, rootId: bigint, total: bigint, life = deposit.life) =>
  charged(deposit, { rootId, life, total }, cap)

describe('a charge', () => {
  test('takes what is new, within the balance and the cap of its root', () => {
    expect(charge(account, 1n, 99n)?.amount).toBe(99n)
    expect(charge(account, 1n, 100n)?.amount).toBe(100n)
    expect(charge(account, 1n, 101n)?.amount).toBe(100n)
    expect(charge({ ...account, balance: 30n }, 1n, 101n)?.amount).toBe(30n)
    expect(charge({ ...account, balance: 300n }, 1n, 101n)?.amount).toBe(50n)
  })

  test('that finds nothing to take counts as applied, so that no older root comes after it', () => {
    const empty = charge({ ...account, balance: 0n }, 2n, 60n)
    expect(empty?.amount).toBe(0n)
    const filled = { ...empty!.deposit, balance: 1_000n }
    expect(charge(filled, 1n, 60n)).toBeUndefined()
    expect(charge(filled, 2n, 60n)?.amount).toBe(60n)
  })

  test('takes nothing twice', () => {
    const after = charge(account, 1n, 60n)!.deposit
    expect(charge(after, 1n, 60n)).toBeUndefined()
    expect(charge(after, 2n, 60n)).toBeUndefined()
  })

  test('a root has one cap, measured from the balance before it, however often it is applied', () => {
    const once = charge(account, 1n, 60n)!.deposit
    expect(charge(once, 1n, 200n)?.amount).toBe(40n)
    expect(charge(once, 2n, 200n)?.amount).toBe(94n)
  })

  test('what the cap left out is made good by a later root', () => {
    const once = charge(account, 1n, 150n)!.deposit
    expect(charge(once, 2n, 150n)?.amount).toBe(50n)
  })

  test('of an older root or another life is skipped', () => {
    const after = charge(account, 2n, 60n)!.deposit
    expect(charge(after, 1n, 90n)).toBeUndefined()
    expect(charge(account, 1n, 90n, 1n)).toBeUndefined()
  })

  test('never takes more than was there or used, in any order of roots', () => {
    const leaf = fc.record({
      rootId: fc.bigInt({ min: 1n, max: 6n }),
      total: fc.bigInt({ min: 0n, max: 3_000n }),
    })
    fc.assert(
      fc.property(fc.array(leaf, { maxLength: 12 }), (leaves) => {
        let deposit = account
        const byRoot = new Map<bigint, { before: bigint; taken: bigint }>()
        for (const { rootId, total } of leaves) {
          const before = deposit.balance
          const done = charge(deposit, rootId, total)
          if (done === undefined) continue
          deposit = done.deposit
          const seen = byRoot.get(rootId) ?? { before, taken: 0n }
          byRoot.set(rootId, { ...seen, taken: seen.taken + done.amount })
        }
        expect(deposit.balance + deposit.spent).toBe(account.balance)
        const used = most(0n, ...leaves.map(({ total }) => total))
        expect(deposit.spent <= used).toBe(true)
        for (const { before, taken } of byRoot.values()) {
          expect(taken <= periodCap(before, cap)).toBe(true)
        }
      }),
    )
  })
})

describe('a withdrawal', () => {
  const asked = { ...account, withdrawing: 400n, withdrawableAt: 9n }

  test('pays what was asked, or what charges have left of it', () => {
    expect(withdrawnDeposit(asked)).toMatchObject({ amount: 400n, deposit: { balance: 600n } })
    expect(withdrawnDeposit({ ...asked, balance: 399n }).amount).toBe(399n)
  })

  test('that leaves something keeps the life, and what was spent in it', () => {
    const { deposit } = withdrawnDeposit({ ...asked, spent: 7n })
    expect(deposit).toMatchObject({ life: 0n, spent: 7n, open: true, withdrawing: 0n })
  })

  test('that empties the account ends its life, so that its totals cannot be applied again', () => {
    const { deposit } = withdrawnDeposit({ ...asked, balance: 400n, spent: 7n, lastRootId: 3n })
    expect(deposit).toMatchObject({ life: 1n, spent: 0n, open: false, balance: 0n })
    const again = { ...deposit, balance: 1_000n, open: true }
    expect(charge(again, 4n, 90n, 0n)).toBeUndefined()
    expect(charge(again, 4n, 90n, 1n)?.amount).toBe(90n)
  })
})
