import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { listMonths } from '@mooring/store/ledger/archive'
import { openMonths } from '@mooring/store/ledger/hours'
import { carryOut, parseWish } from './books.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

const stack = new AsyncDisposableStack()
let database: Database
let file: string
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  const databaseUrl = await postgres.createDatabase('books')
  database = stack.use(await openDatabase(databaseUrl))
  const folder = await mkdtemp(join(tmpdir(), 'mooring-books-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  file = join(folder, 'billing.yaml')
  const chain = { deployment: 'none.json', rpcUrl: 'http://127.0.0.1:1' }
  const gatewayCredentials = ['a-gateway-credential-of-32-characters']
  await writeFile(file, JSON.stringify({ databaseUrl, chain, gatewayCredentials }))
})
afterAll(() => stack.disposeAsync())

async function run(...words: string[]) {
  const program = join(import.meta.dir, 'main.ts')
  const command = [process.execPath, '--no-install', program, ...words, '--config', file]
  const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { stdout, stderr, exitCode }
}

test('months are told, and which are in the books', async () => {
  const { stdout, stderr, exitCode } = await run()
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
  const months = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(months.length).toBeGreaterThanOrEqual(3)
  const [{ month, tables }] = months
  const named = month.replace('-', '_')
  expect(months[0]).toMatchObject({ isProven: false, isArchived: false })
  expect(tables.map(({ name }: { name: string }) => name)).toEqual([
    `moves_${named}`,
    `usage_${named}`,
  ])
})

test('a month that cannot go is told with the reason', async () => {
  const [, second] = await listMonths(database)
  const refused = await run('archive', second?.month ?? '')
  expect([refused.exitCode, refused.stdout]).toEqual([1, ''])
  expect(refused.stderr).toStartWith('months go one after the other: the oldest in the books is ')
  const wrong = await run('burn')
  expect([wrong.exitCode, wrong.stderr.startsWith('books --config FILE')]).toEqual([2, true])
})

test('a month that can go is taken out, once everything was proven', async () => {
  const [first, second] = await listMonths(database)
  const endMs = Date.parse(`${second?.month}-01T00:00:00Z`)
  const laterMs = endMs + 36 * 86_400_000
  await openMonths(database, laterMs)
  await database.sql`update book_hours set open_hour = ${laterMs / 3_600_000}`
  expect(JSON.parse((await run('prove')).stdout)).toEqual({ ok: true, discrepancies: [] })
  const month = first?.month ?? ''
  const { lines } = await carryOut({ archive: month }, database, laterMs)
  const named = month.replace('-', '_')
  expect(lines).toEqual([`{"month":"${month}","tables":["moves_${named}","usage_${named}"]}`])
  expect((await listMonths(database))[0]).toMatchObject({ month, isArchived: true })
})

test('books that are wrong are told by the exit code as well', async () => {
  await database.sql`insert into uncollected values (1, ${`eip155:1:0x${'1'.repeat(40)}`}, 5)`
  const { stdout, exitCode } = await run('prove')
  expect(exitCode).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    ok: false,
    discrepancies: [{ check: 'usage-charges' }],
  })
})

test('words that mean nothing are no wish', () => {
  expect([[], ['prove'], ['archive', '2026-06']].map(parseWish)).toEqual([
    'list',
    'prove',
    { archive: '2026-06' },
  ])
  for (const words of [['prove', 'x'], ['archive'], ['archive', 'a', 'b'], ['list']]) {
    expect(parseWish(words)).toBeUndefined()
  }
})
