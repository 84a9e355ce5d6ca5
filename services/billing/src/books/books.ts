import type { Database } from '@mooring/store/database'
import { archiveMonth, listMonths } from '@mooring/store/ledger/archive'
import { checkBooks, type Discrepancy } from '@mooring/store/ledger/check'
import { checkEscrow } from '@mooring/store/ledger/check-escrow'
import { checkUsage } from '@mooring/store/ledger/check-usage'
import { proveAnew } from '@mooring/store/ledger/proofs'

/** What operators do with the books by hand. Each answers lines of JSON, while the billing service goes on. */

export type Wish = 'list' | 'prove' | { archive: string }

/** @returns Undefined for words that mean nothing here. */
export function parseWish([verb, ...words]: readonly string[]): Wish | undefined {
  const [month] = words
  if (verb === undefined) return 'list'
  if (verb === 'prove' && words.length === 0) return 'prove'
  if (verb === 'archive' && month !== undefined && words.length === 1) return { archive: month }
  return undefined
}

/** `isSound`: nothing is wrong with the books, as far as they were looked at. */
export type Done = { lines: string[]; isSound: boolean }

/** Throws `MonthStays` for a month that cannot be taken out. */
export async function carryOut(wish: Wish, database: Database, nowMs: number): Promise<Done> {
  if (wish === 'list') return { lines: await months(database), isSound: true }
  if (wish === 'prove') return await prove(database)
  const tables = await archiveMonth(database, wish.archive, nowMs)
  return { lines: [JSON.stringify({ month: wish.archive, tables })], isSound: true }
}

async function months(database: Database): Promise<string[]> {
  const all = await listMonths(database)
  return all.map(({ month, isProven, isArchived, tables }) =>
    JSON.stringify({
      ...{ month, isProven, isArchived },
      tables: tables.map(({ name, rows, bytes }) => ({
        ...{ name, rows: Number(rows), bytes: Number(bytes) },
      })),
    }),
  )
}

async function prove(database: Database): Promise<Done> {
  await database.transact(proveAnew)
  const discrepancies: Discrepancy[] = [
    ...(await checkBooks(database)),
    ...(await checkUsage(database)),
    ...(await checkEscrow(database)),
  ]
  const isSound = discrepancies.length === 0
  return { lines: [JSON.stringify({ ok: isSound, discrepancies })], isSound }
}
