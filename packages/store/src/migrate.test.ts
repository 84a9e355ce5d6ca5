import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, openDatabase } from './database.ts'
import { startPostgres } from './embedded/postgres.ts'
import { checkBooks } from './ledger/check.ts'
import { checkEscrow } from './ledger/check-escrow.ts'
import { checkUsage } from './ledger/check-usage.ts'
import { migrate, readMigrations, stepsAfter } from './migrate.ts'
import { storeOn } from './store.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store?.stop())

const migrations = await readMigrations()
const rowsBefore = (number: number) =>
  join(import.meta.dir, 'migrations', 'before', `${String(number).padStart(4, '0')}.sql`)

test('steps are numbered without a gap, and all but the first have rows of before', () => {
  expect(migrations.map(({ number }) => number)).toEqual(migrations.map((_, at) => at + 1))
  for (const { number } of migrations.slice(1)) {
    expect(existsSync(rowsBefore(number)), `rows before ${number}`).toBeTrue()
  }
})

test('an empty database takes every step, and a second start takes none', async () => {
  const url = await store.newUrl()
  for (let start = 0; start < 2; start++) {
    await using database = await openDatabase(url)
    const [row] = await database.sql`select count(*)::int as steps from migrations`
    expect(row.steps).toBe(migrations.length)
  }
})

/** By step: tables whose rows it brings together or ends. What becomes of them has a test of its own. */
const broughtTogether: Record<number, readonly string[]> = {
  8: ['journals', 'moves', 'uncollected', 'verbs'],
}

test.each(migrations.slice(1))(
  'the rows of before live through step $number',
  async ({ number }) => {
    const sql = await store.empty()
    // Rows of a step stand on those of the steps before it.
    for (let upTo = 1; upTo < number; upTo++) {
      await migrate(sql, { upTo })
      await sql.unsafe(await readFile(rowsBefore(upTo + 1), 'utf8')).simple()
    }
    const before = await countRows(sql)
    await migrate(sql, { upTo: number })
    const after = await countRows(sql)
    for (const [table, count] of Object.entries(before)) {
      if (table === 'migrations' || broughtTogether[number]?.includes(table)) continue
      expect(after[table], table).toBeGreaterThanOrEqual(count)
    }
    await migrate(sql)
    await sql.close()
  },
)

test('who had an account before teams is its owner after', async () => {
  const sql = await store.empty()
  await migrate(sql, { upTo: 1 })
  await sql.unsafe(await readFile(rowsBefore(2), 'utf8')).simple()
  await migrate(sql)
  const rows =
    await sql`select account = wallet as self, role, joined_at is not null as joined from members`
  expect([...rows]).toEqual([
    { self: true, role: 'owner', joined: true },
    { self: true, role: 'owner', joined: true },
  ])
  await sql.close()
})

test('an e-mail alert of before tells nothing until its address is confirmed', async () => {
  const sql = await store.empty()
  const { number = 0 } = migrations.find(({ name }) => name === 'confirmed-addresses') ?? {}
  for (let upTo = 1; upTo < number; upTo++) {
    await migrate(sql, { upTo })
    await sql.unsafe(await readFile(rowsBefore(upTo + 1), 'utf8')).simple()
  }
  await migrate(sql)
  const rows = await sql`
    select channel, is_low, is_confirmed(alerts), (
      select count(*)::int from outbox where alert_id = alerts.id and next_attempt_at is not null
    ) as due from alerts where id::text like '55555555%' order by channel`
  expect([...rows]).toEqual([
    { channel: 'email', is_low: false, is_confirmed: false, due: 0 },
    { channel: 'webhook', is_low: true, is_confirmed: true, due: 1 },
  ])
  await sql.close()
})

test('books of before hours say the same by the hour, and hold', async () => {
  const url = await store.newUrl()
  const { number = 0 } = migrations.find(({ name }) => name === 'months') ?? {}
  {
    await using sql = connect(url)
    for (let upTo = 1; upTo < number; upTo++) {
      await migrate(sql, { upTo })
      await sql.unsafe(await readFile(rowsBefore(upTo + 1), 'utf8')).simple()
    }
  }
  await using database = await openDatabase(url)
  const account = `eip155:1:0x${'8'.repeat(40)}`
  const moves = await database.sql`
    select book_hour, verb, tokens, credits from moves where account = ${account} order by id`
  expect([...moves]).toEqual([
    { book_hour: 493_786, verb: 'deposit', tokens: '1000', credits: '2000' },
    { book_hour: 493_786, verb: 'charge', tokens: '75', credits: '150' },
    { book_hour: 493_786, verb: 'chargeLate', tokens: '25', credits: '50' },
    { book_hour: 493_787, verb: 'charge', tokens: '50', credits: '100' },
  ])
  const discrepancies = [
    ...(await checkBooks(database)),
    ...(await checkUsage(database)),
    ...(await checkEscrow(database)),
  ]
  expect(discrepancies.filter((each) => each.account === account)).toEqual([])
  expect(discrepancies.map(({ check }) => check)).not.toContain('frames-usage')
})

test('of several processes that start at once one takes the steps', async () => {
  const url = await store.newUrl()
  const opened = await Promise.all([1, 2, 3, 4].map(() => openDatabase(url)))
  const [row] = await opened[0]!.sql`select count(*)::int as steps from migrations`
  expect(row.steps).toBe(migrations.length)
  await Promise.all(opened.map((database) => database.close()))
})

test('a step that fails leaves the database as it was', async () => {
  const sql = await store.empty()
  // The first step makes a table of that name.
  await sql`create table sessions (id int)`
  await expect(migrate(sql)).rejects.toThrow('already exists')
  const rows = await sql`select to_regclass('accounts') as made, to_regclass('migrations') as noted`
  expect(rows[0]).toEqual({ made: null, noted: null })
  await sql.close()
})

test('a step that was changed after it had been taken is refused', () => {
  const changed = [{ number: 1, checksum: 'another' }]
  expect(() => stepsAfter(changed, migrations)).toThrow(
    'migration 1 of the database is not the one',
  )
})

test('a database of a newer version is refused', () => {
  const newer = [...migrations, { number: 99, checksum: 'x' }]
  expect(() => stepsAfter(newer, migrations)).toThrow('made by a newer version')
})

test('a server that is older than 15 is refused, with the way on', async () => {
  const url = await store.newUrl()
  {
    await using sql = connect(url, { connectionsMax: 1 })
    // Who asks for its version hears of an old one.
    await sql`create schema old`
    await sql`create function old.current_setting(text) returns text language sql as $$ select '140012' $$`
    await sql.unsafe(
      `alter database "${new URL(url).pathname.slice(1)}" set search_path = old, pg_catalog`,
    )
  }
  await expect(openDatabase(url)).rejects.toThrow(
    'PostgreSQL 15 or newer is needed, and this is 14: upgrade it, or give the URL of a newer one',
  )
})

describe('a database that cannot be reached is named, with what to do, and without its password', () => {
  const secret = 'canary-5b1f'
  async function problemOf(url: string): Promise<string> {
    const error = await openDatabase(url, { connectTimeoutSeconds: 1 }).then(
      () => undefined,
      (cause: unknown) => cause,
    )
    expect(error).toBeInstanceOf(Error)
    expect(`${error} ${Bun.inspect(error)}`).not.toContain(secret)
    return (error as Error).message
  }

  test('when nothing listens', async () => {
    expect(await problemOf(`postgres://postgres:${secret}@127.0.0.1:1/none`)).toBe(
      'PostgreSQL at 127.0.0.1:1, database "none", cannot be used: nothing answers there: start it, or correct host and port in the URL',
    )
  })

  test('when something else listens, or nothing that speaks', async () => {
    using web = Bun.serve({ port: 0, fetch: () => new Response() })
    expect(await problemOf(`postgres://u:${secret}@127.0.0.1:${web.port}/x`)).toContain('hung up')
    using silent = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
    const problem = await problemOf(`postgres://u:${secret}@127.0.0.1:${silent.port}/x`)
    expect(problem).toContain('does not answer in time')
  })

  test('when it has no such database', async () => {
    const url = Object.assign(new URL(await store.newUrl()), {
      password: secret,
      pathname: '/none',
    })
    expect(await problemOf(url.href)).toContain('database "none", cannot be used: it has no such')
  })
})

async function countRows(sql: ReturnType<typeof connect>): Promise<Record<string, number>> {
  const tables = await sql<{ name: string }[]>`
    select tablename::text as name from pg_tables where schemaname = 'public'`
  const counts: [string, number][] = []
  for (const { name } of tables) {
    const [row] = await sql`select count(*)::int as rows from ${sql(name)}`
    counts.push([name, row.rows])
  }
  return Object.fromEntries(counts)
}
