import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { Hex } from 'viem'
import type { Head } from '../chain/head.ts'
import {
  addressOf,
  deployment,
  depositLog,
  hashOf,
  somebody,
  transferLog,
} from './logs.fixtures.ts'
import type { DepositReading } from './read.ts'
import type { LogRead, ReceiptRead } from './receipt.ts'
import { judgeDeposit } from './rules.ts'

const { ankr, stable, ankrEscrow, stableEscrow } = deployment.parts
const transactionHash = hashOf(77)
const depthBlocks = 12

type Case = { head: Head; reading: DepositReading & { receipt: ReceiptRead } }

const soundCase = (amount: bigint): Case => ({
  head: { block: 112n, finalBlock: 110n },
  reading: {
    receipt: {
      ...{ status: 'success', blockNumber: 100n, blockHash: hashOf(5), canonicalHash: hashOf(5) },
      logs: [depositLog(ankrEscrow, amount, 3), transferLog({ value: amount }, 4)],
    },
    account: { balance: amount, spent: 0n, life: 0, open: true, keyCommitment: hashOf(1) },
    firstDepositMin: amount,
    isEscrowOurs: true,
  },
})

const judge = (found: Parameters<typeof judgeDeposit>[2], logIndex = 3) =>
  judgeDeposit({ deployment, depthBlocks }, { transactionHash, logIndex }, found)

const codeOf = (check: ReturnType<typeof judge>) => (check.ok ? 'ok' : check.code)

/** Each alone is enough for a refusal with its code. */
const faults: Record<string, (found: Case) => void> = {
  ORPHANED: ({ reading }) => {
    reading.receipt.canonicalHash = hashOf(6)
  },
  TRANSACTION_FAILED: ({ reading }) => {
    reading.receipt.status = 'reverted'
  },
  NOT_A_DEPOSIT: ({ reading }) => {
    reading.receipt.logs = reading.receipt.logs.slice(0, 1)
  },
  CONTRACT_UNKNOWN: ({ reading }) => {
    reading.isEscrowOurs = false
  },
  TOO_FEW_CONFIRMATIONS: (found) => {
    found.head = { ...found.head, block: 111n }
  },
  ACCOUNT_CLOSED: ({ reading }) => {
    if (reading.account !== undefined) reading.account = { ...reading.account, life: 1 }
  },
  DEPOSIT_TOO_SMALL: ({ reading }) => {
    reading.firstDepositMin = (reading.firstDepositMin ?? 0n) + 1n
  },
}

const amounts = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n })

describe('the rules of a deposit', () => {
  test('pass what has no fault, and nothing that has one or more', () => {
    const some = fc.subarray(Object.keys(faults))
    fc.assert(
      fc.property(amounts, some, (amount, names) => {
        const found = soundCase(amount)
        for (const name of names) faults[name]?.(found)
        const code = codeOf(judge(found))
        expect(names.length === 0 ? ['ok'] : names).toContain(code)
      }),
    )
  })

  test('want as much to have moved in the escrow’s own token as the escrow says it took in', () => {
    const values = fc.bigInt({ min: 1n, max: 100n })
    const moves = fc.record({
      token: fc.constantFrom(ankr, ankr, stable, addressOf(999)),
      from: fc.constantFrom(somebody, somebody, ankrEscrow),
      to: fc.constantFrom(ankrEscrow, ankrEscrow, stableEscrow, somebody),
      value: values,
    })
    const said = fc.array(values, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(said, fc.array(moves, { maxLength: 6 }), (deposits, moved) => {
        const found = soundCase(1n)
        found.reading.receipt.logs = [
          ...deposits.map((amount, at) => depositLog(ankrEscrow, amount, at + 3)),
          ...moved.map((move, at) => transferLog(move, at + 10)),
          depositLog(stableEscrow, 1_000n, 90),
        ]
        const owed = deposits.reduce((sum, amount) => sum + amount, 0n)
        const arrived = moved
          .filter(({ token, from, to }) => token === ankr && to === ankrEscrow && from === somebody)
          .reduce((sum, { value }) => sum + value, 0n)
        expect(codeOf(judge(found))).toBe(arrived >= owed ? 'ok' : 'NOT_A_DEPOSIT')
      }),
      { numRuns: 500 },
    )
  })

  test('count what an account has used as put in, and what it took out not', () => {
    const part = fc.bigInt({ min: 0n, max: 50n })
    fc.assert(
      fc.property(part, part, part, (balance, spent, min) => {
        const { head, reading } = soundCase(20n)
        const account = reading.account && { ...reading.account, balance, spent }
        const check = judge({ head, reading: { ...reading, account, firstDepositMin: min } })
        expect(codeOf(check)).toBe(balance + spent >= min ? 'ok' : 'DEPOSIT_TOO_SMALL')
      }),
    )
  })

  test('call a deposit final when all sources know finality and its block is not above it', () => {
    const blocks = fc.option(fc.bigInt({ min: 90n, max: 112n }), { nil: undefined })
    fc.assert(
      fc.property(blocks, (finalBlock) => {
        const { reading } = soundCase(20n)
        const check = judge({ head: { block: 112n, finalBlock }, reading })
        const isFinal = finalBlock !== undefined && finalBlock >= 100n
        expect(check).toMatchObject({ ok: true, facts: { isFinal } })
      }),
    )
  })

  test('refuse a deposit of nothing, and an account that is not open', () => {
    const nothing = soundCase(0n)
    expect(codeOf(judge(nothing))).toBe('DEPOSIT_TOO_SMALL')
    const { head, reading } = soundCase(20n)
    const account = reading.account && { ...reading.account, open: false }
    expect(codeOf(judge({ head, reading: { ...reading, account } }))).toBe('ACCOUNT_CLOSED')
    const unread = { ...reading, account: undefined }
    expect(codeOf(judge({ head, reading: unread }))).toBe('ACCOUNT_CLOSED')
  })

  test('take no log that has the right words in the wrong form', () => {
    const { head, reading } = soundCase(20n)
    const [log, transfer] = reading.receipt.logs as [LogRead, LogRead]
    const odd: LogRead[] = [
      { ...log, topics: [] },
      { ...log, topics: log.topics.slice(0, 2) },
      { ...log, data: log.data.slice(0, -64) as Hex },
      { ...log, data: '0x' },
      { ...log, topics: [hashOf(3), ...log.topics.slice(1)] },
    ]
    for (const one of odd) {
      const receipt = { ...reading.receipt, logs: [one, transfer] }
      expect(codeOf(judge({ head, reading: { ...reading, receipt } }))).toBe('NOT_A_DEPOSIT')
    }
  })
})
