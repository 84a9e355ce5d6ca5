import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Receipt } from '@mooring/protocol/relays/receipts'
import type { Hex } from '@mooring/protocol/relays/sessions'
import { ReceiptBook, ReceiptConflict, type WindowRow } from './receipt-book.ts'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'mooring-receipts-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

const file = () => join(directory, 'receipts.sqlite')
const hashOf = (byte: number): Hex => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`
const signature: Hex = `0x${'ab'.repeat(65)}`

function rowOf(number: number, changes: Partial<Receipt> = {}, word = number): WindowRow {
  const receipt: Receipt = {
    ...{ session: hashOf(1), nodeId: 7n, gateway: `0x${'aa'.repeat(20)}`, chain: hashOf(2) },
    ...{ epoch: 3n, number: BigInt(number), relays: 1n, credits: 80n },
    ...{ relaysSum: BigInt(number), creditsSum: 80n * BigInt(number) },
    ...{ windowRoot: hashOf(word), accumulator: hashOf(word), tariff: hashOf(9), ...changes },
  }
  const signatures = { gatewaySignature: signature, nodeSignature: signature }
  return { receipt, digest: hashOf(word), ...signatures, leaves: new Uint8Array(32), keptAt: 100 }
}

describe('a book of receipts', () => {
  test('has the last receipt of each series, also after it was opened anew', async () => {
    const book = new ReceiptBook(file())
    expect(book.lastOf(rowOf(1).receipt)).toBeUndefined()
    for (const row of [rowOf(1), rowOf(2), rowOf(1, { epoch: 4n }, 5)]) book.keep(row)
    await Promise.all([book.stored(), book.stored(), book.stored()])
    await book.close()
    const again = new ReceiptBook(file())
    const { leaves: _leaves, keptAt: _keptAt, ...second } = rowOf(2)
    expect(again.lastOf(rowOf(1).receipt)).toEqual(second)
    expect(again.lastReceiptsOf(3n, { max: 9 })).toEqual([second])
    expect(again.totals()).toEqual({ windows: 3, series: 2 })
    await again.close()
  })

  test('never has two receipts of one number, nor one without the one before', async () => {
    const book = new ReceiptBook(file())
    book.keep(rowOf(1))
    book.keep(rowOf(1))
    expect(() => book.keep(rowOf(1, {}, 6))).toThrow(ReceiptConflict)
    expect(() => book.keep(rowOf(3))).toThrow(ReceiptConflict)
    book.keep(rowOf(2))
    expect(() => book.keep(rowOf(1))).toThrow(ReceiptConflict)
    await book.close()
  })

  test('gives out the last receipt of each series once, until the series grows, also after it was opened anew', async () => {
    const book = new ReceiptBook(file())
    const numbers = (receipts: readonly { receipt: Receipt }[]) =>
      receipts.map(({ receipt: { epoch, number } }) => `${epoch}: ${number}`)
    for (const row of [rowOf(1), rowOf(2), rowOf(1, { epoch: 4n }, 5)]) book.keep(row)
    const first = book.untold(9)
    expect(numbers(first)).toEqual(['3: 2', '4: 1'])
    expect(numbers(book.untold(1))).toEqual(['3: 2'])
    // One more while they are told.
    book.keep(rowOf(3))
    book.markTold(first)
    expect(numbers(book.untold(9))).toEqual(['3: 3'])
    await book.close()
    const again = new ReceiptBook(file())
    expect(numbers(again.untold(9))).toEqual(['3: 3'])
    again.markTold(again.untold(9))
    expect(again.untold(9)).toEqual([])
    again.prune(101)
    await again.close()
    const last = new ReceiptBook(file())
    expect(last.untold(9)).toEqual([])
    await last.close()
  })

  test('forgets what is older than is said', async () => {
    const book = new ReceiptBook(file())
    book.keep(rowOf(1))
    book.prune(100)
    expect(book.totals().windows).toBe(1)
    book.prune(101)
    expect(book.totals().windows).toBe(0)
    await book.close()
  })
})
