import { describe, expect, test } from 'bun:test'
import type { DepositFacts } from '@mooring/protocol/access/verifier-wire'
import fc from 'fast-check'
import { deployment, depositLog, hashOf, somebody, transferLog } from '../deposits/logs.fixtures.ts'
import type { AccountRead } from '../deposits/read.ts'
import type { LogRead, ReceiptRead } from '../deposits/receipt.ts'
import { accountReason, fateOf, isOrphaned } from './rules.ts'

const { ankrEscrow, stableEscrow } = deployment.parts
const head = { block: 112n, finalBlock: 90n }

const facts: DepositFacts = {
  ...{ escrow: ankrEscrow, account: somebody, transactionHash: hashOf(7), logIndex: 3 },
  ...{ amount: '20', life: 0, blockNumber: 100, blockHash: hashOf(100), isFinal: false },
}

const receiptOf = (logs: LogRead[], change: Partial<ReceiptRead> = {}): ReceiptRead => ({
  ...{ status: 'success', blockNumber: 100n, logs },
  ...{ blockHash: hashOf(100), canonicalHash: hashOf(100) },
  ...change,
})
const elsewhere = { blockNumber: 101n, blockHash: hashOf(201), canonicalHash: hashOf(201) }
const same = depositLog(ankrEscrow, 20n, 3)

const fate = (canonicalHash: typeof facts.blockHash | undefined, receipt?: ReceiptRead) =>
  fateOf(deployment, facts, { head, place: { canonicalHash, receipt } })

describe('a deposit whose block', () => {
  test('stands is where it was, and final once its chain says so', () => {
    const receipt = receiptOf([same])
    expect(fate(hashOf(100), receipt)).toEqual({ kind: 'there', facts })
    const later = { block: 130n, finalBlock: 100n }
    const place = { canonicalHash: hashOf(100), receipt }
    expect(fateOf(deployment, facts, { head: later, place })).toEqual({
      ...{ kind: 'there', facts: { ...facts, isFinal: true } },
    })
  })

  test('stands while its receipt is missing is unclear, never gone', () => {
    expect(fate(hashOf(100))).toEqual({ kind: 'unclear' })
    expect(fate(hashOf(100), receiptOf([]))).toEqual({ kind: 'unclear' })
  })

  test('was undone is there again when the same log is in another block, at whatever index', () => {
    const receipt = receiptOf([transferLog({ value: 20n }, 4), { ...same, logIndex: 5 }], elsewhere)
    const where = { blockNumber: 101, blockHash: hashOf(201), logIndex: 5 }
    expect(fate(hashOf(200), receipt)).toEqual({ kind: 'there', facts: { ...facts, ...where } })
    expect(fate(undefined, receipt)).toEqual({ kind: 'there', facts: { ...facts, ...where } })
  })

  test('was undone is the one with the same index where a transaction made equal deposits', () => {
    const logs = [1, 3, 5].map((logIndex) => ({ ...same, logIndex }))
    const found = fate(hashOf(200), receiptOf(logs, elsewhere))
    expect(found).toMatchObject({ kind: 'there', facts: { logIndex: 3 } })
  })

  test('was undone is gone when what is in another block is anything else', () => {
    const others: ReceiptRead[] = [
      receiptOf([], elsewhere),
      receiptOf([transferLog({ value: 20n }, 3)], elsewhere),
      receiptOf([depositLog(ankrEscrow, 21n, 3)], elsewhere),
      receiptOf([depositLog(stableEscrow, 20n, 3)], elsewhere),
      receiptOf([depositLog(ankrEscrow, 20n, 3, 1)], elsewhere),
      receiptOf([same], { ...elsewhere, status: 'reverted' }),
      receiptOf([same], { ...elsewhere, canonicalHash: hashOf(300) }),
      // A receipt of the branch that was left, which a node has not dropped yet.
      receiptOf([same], { canonicalHash: hashOf(200) }),
    ]
    for (const receipt of others) {
      expect(fate(hashOf(200), receipt)).toEqual({ kind: 'gone', isReplaced: true })
      expect(fate(undefined, receipt)).toEqual({ kind: 'gone', isReplaced: false })
    }
    expect(fate(hashOf(200))).toEqual({ kind: 'gone', isReplaced: true })
  })

  test('is never gone while it stands, and never there without a log that says the same', () => {
    const logs = fc.subarray([
      same,
      depositLog(ankrEscrow, 21n, 4),
      depositLog(stableEscrow, 20n, 5),
      transferLog({ value: 20n }, 6),
    ])
    const hashes = fc.constantFrom(undefined, hashOf(100), hashOf(200))
    const receipts = fc.option(
      fc.record({
        status: fc.constantFrom('success', 'success', 'reverted'),
        blockNumber: fc.constantFrom(100n, 101n),
        blockHash: fc.constantFrom(hashOf(100), hashOf(201)),
        canonicalHash: fc.constantFrom(hashOf(100), hashOf(201), undefined),
        logs,
      }) as fc.Arbitrary<ReceiptRead>,
      { nil: undefined },
    )
    fc.assert(
      fc.property(hashes, receipts, (canonicalHash, receipt) => {
        const found = fate(canonicalHash, receipt)
        const isSaid =
          receipt?.status === 'success' &&
          receipt.blockHash === receipt.canonicalHash &&
          receipt.logs.includes(same)
        expect(found.kind === 'there').toBe(isSaid)
        if (canonicalHash === facts.blockHash) expect(found.kind).not.toBe('gone')
      }),
      { numRuns: 500 },
    )
  })
})

test('a deposit that is gone is orphaned at once when replaced, else when the chain has grown enough', () => {
  const goneFor = { goneSince: 90n, headBlock: 92n, confirmBlocks: 3 }
  expect(isOrphaned({ kind: 'gone', isReplaced: true }, goneFor)).toBe(true)
  expect(isOrphaned({ kind: 'gone', isReplaced: false }, goneFor)).toBe(false)
  expect(isOrphaned({ kind: 'gone', isReplaced: false }, { ...goneFor, headBlock: 93n })).toBe(true)
})

test('an account speaks against a token when it is closed, in another life or names another key', () => {
  const account: AccountRead = {
    ...{ balance: 20n, spent: 0n, life: 0, open: true, keyCommitment: hashOf(0xab) },
  }
  const token = { jti: 'a', facts, keyCommitment: hashOf(0xab) }
  expect(accountReason(token, account)).toBeUndefined()
  const shouted = `0x${token.keyCommitment.slice(2).toUpperCase()}` as const
  expect(accountReason({ ...token, keyCommitment: shouted }, account)).toBeUndefined()
  expect(accountReason(token, { ...account, open: false })).toBe('withdrawn')
  expect(accountReason(token, { ...account, life: 1 })).toBe('withdrawn')
  const rekeyed = { ...account, keyCommitment: hashOf(2) }
  expect(accountReason(token, rekeyed)).toBe('rekeyed')
  expect(accountReason({ ...token, keyCommitment: undefined }, rekeyed)).toBeUndefined()
})
