import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startPostgres } from '@mooring/testkit/postgres'
import { type connect, openDatabase } from './database.ts'
import { migrate, readMigrations, stepsAfter } from './migrate.ts'
import { storeOn } from './store.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

const store = storeOn(await startPostgres())
afterAll(() => store.stop())

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
      if (table !== 'migrations') expect(after[table], table).toBeGreaterThanOrEqual(count)
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

test('a database that is not there is a failure that does not tell its password', async () => {
  const secret = 'canary-5b1f'
  const opening = openDatabase(`postgres://postgres:${secret}@127.0.0.1:1/none`, {
    connectTimeoutSeconds: 2,
  })
  const error = await opening.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  expect(error).toBeInstanceOf(Error)
  expect(`${error} ${Bun.inspect(error)}`).not.toContain(secret)
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
