import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, storeOn } from '../store.fixtures.ts'
import { archiveMonth, listMonths } from './archive.ts'
import { checkBooks } from './check.ts'
import { checkEscrow } from './check-escrow.ts'
import { checkUsage } from './check-usage.ts'
import { attest, bookAll } from './deposits.fixtures.ts'
import { beginEpoch } from './epochs.ts'
import { listHoldings } from './holdings.ts'
import { keepHours } from './hours.ts'
import { claimOf, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import { postUsage } from './post.ts'
import { proveAnew } from './proofs.ts'
import { listMoves, readStatement } from './statement.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

const hourMs = 3_600_000
const dayMs = 24 * hourMs

let store: ReturnType<typeof storeOn>
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store.stop())

async function found(database: Database) {
  return [
    ...(await checkBooks(database)),
    ...(await checkUsage(database)),
    ...(await checkEscrow(database)),
  ]
}

/** All that was charged in tests is of epoch 0, which somebody has posted. */
async function settle({ sql }: Database): Promise<void> {
  await sql`
    insert into epoch_files (epoch, previous, attempt, data_hash, content, made_at)
    values (1, 0, 9, ${new Uint8Array(32).fill(99)}, '{}', now())`
}

/** An account that uses so many credits, some of them with a key, at any time. */
async function customer(database: Database) {
  const deposit = { account: alice, name: 'd', asset: 'ankr', amount: 90_000n, block: 5 } as const
  await attest(database, deposit, { state: 'final', credited: 90_000n })
  await bookAll(database, 10n)
  const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
  let frame = 0
  return async (credits: number, atMs: number) => {
    const hour = Math.floor(atMs / hourMs)
    const usage = ['', 'k-1'].map((key) => lineOf(alice, { credits: credits / 2, key, hour }))
    const leases = [claimOf(alice, { wants: 2_000 })]
    const frames = { from: ++frame, to: frame, usage, leases }
    const { answer } = await postUsage(database, postOf(epoch, frames), termsOf({ nowMs: atMs }))
    if ('error' in answer) throw new Error(answer.detail)
  }
}

test('a month that is taken out of the books leaves its sums, and they hold as before', async () => {
  await using database = await store.open()
  const [first, second] = await listMonths(database)
  if (first === undefined || second === undefined) throw new Error('there are no months')
  const endOf = (month: string) => Date.parse(`${month}-01T00:00:00Z`) + 31 * dayMs
  const endMs = Date.parse(`${second.month}-01T00:00:00Z`)
  const use = await customer(database)
  await settle(database)
  await use(1_000, endMs - hourMs)
  await use(600, endMs + hourMs)
  const archive = (month: string, nowMs: number) => archiveMonth(database, month, nowMs)
  await expect(archive(second.month, endMs)).rejects.toThrow('months go one after the other')
  await expect(archive('2001-13; drop table x', endMs)).rejects.toThrow('one after the other')
  await expect(archive(first.month, endMs + 34 * dayMs)).rejects.toThrow('stays for 35 days')
  const laterMs = endMs + 36 * dayMs
  await expect(archive(first.month, laterMs)).rejects.toThrow('not all of the month is proven')
  await keepHours(database, laterMs)
  expect(await found(database)).toEqual([])
  const before = await readStatement(database.sql, alice)

  const tables = await archive(first.month, laterMs)
  const named = first.month.replace('-', '_')
  expect(tables).toEqual([`moves_${named}`, `usage_${named}`])
  expect(await found(database)).toEqual([])
  await database.transact(proveAnew)
  expect(await found(database)).toEqual([])
  expect(await readStatement(database.sql, alice)).toEqual(before)
  // What it is of is told from the month after on; its tables are still there.
  const whole = { account: alice, fromMs: 0, toMs: laterMs }
  const moves = await listMoves(database.sql, whole, { before: undefined, countMax: 9 })
  expect(moves.map(({ credits }) => credits)).toEqual([600n])
  const [kept] = await database.sql`
    select sum(credits)::int as credits from ${database.sql(tables[0] ?? '')} where period is not null`
  expect(kept.credits).toBe(1_000)
  expect((await listMonths(database))[0]).toMatchObject({ isArchived: true, isProven: true })
  await expect(archive(first.month, laterMs)).rejects.toThrow('one after the other')

  // What was booked is booked once, and what is told late of that month counts.
  expect(await bookAll(database, 10n)).toBe(0)
  await use(40, endMs - hourMs)
  await use(60, laterMs)
  await database.sql.unsafe(`drop table ${tables.join(', ')}`)
  await keepHours(database, laterMs + 70 * dayMs)
  expect(await found(database)).toEqual([])
  // While gateways post.
  const posting = (async () => {
    for (let post = 0; post < 10; post++) await use(10, laterMs)
  })()
  await Promise.all([archive(second.month, endOf(second.month) + 70 * dayMs), posting])
  expect(await found(database)).toEqual([])
  await database.transact(proveAnew)
  expect(await found(database)).toEqual([])
  const [own] = await listHoldings(database.sql, alice)
  expect(own).toMatchObject({ credits: 900_000n - 1_800n, accrued: 180n })
})

test('a sum of an archived month that was changed is found', async () => {
  await using database = await store.open()
  const [first, second] = await listMonths(database)
  const endMs = Date.parse(`${second?.month}-01T00:00:00Z`)
  await (await customer(database))(500, endMs - hourMs)
  await settle(database)
  await keepHours(database, endMs + 36 * dayMs)
  await found(database)
  await archiveMonth(database, first?.month ?? '', endMs + 36 * dayMs)
  await database.sql`update archived_usage set credits = credits + 1 where key = 'k-1'`
  await database.transact(proveAnew)
  expect((await found(database)).map(({ check }) => check)).toEqual([
    'usage-charges',
    'frames-usage',
    'key-days',
  ])
})

test('a month stays while an epoch with charges in it may have to be closed anew', async () => {
  await using database = await store.open()
  const [first, second] = await listMonths(database)
  const endMs = Date.parse(`${second?.month}-01T00:00:00Z`)
  await (await customer(database))(500, endMs - hourMs)
  const { sql } = database
  await sql`
    insert into moves (book_hour, account, asset, verb, cause, period, epoch, at, tokens, credits)
    select book_hour, account, asset, verb, 'period 1 epoch 7', 1, 7, at, 0, 1 from moves where period is not null limit 1`
  await keepHours(database, endMs + 36 * dayMs)
  await found(database)
  const archive = () => archiveMonth(database, first?.month ?? '', endMs + 36 * dayMs)
  const save = (epoch: number, previous: number | null) => sql`
    insert into epoch_files (epoch, previous, attempt, data_hash, content, made_at)
    values (${epoch}, ${previous}, 0, ${new Uint8Array(32).fill(epoch)}, '{}', now())`
  await save(7, null)
  await expect(archive()).rejects.toThrow('charges of epoch 7')
  await save(8, 7)
  expect(await archive()).toHaveLength(2)
})
