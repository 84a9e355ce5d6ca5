import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, nowMs, storeOn } from '../store.fixtures.ts'
import { checkBooks } from './check.ts'
import { checkUsage } from './check-usage.ts'
import { beginEpoch } from './epochs.ts'
import { cautiousNowMs, keepHours, lockOpenHour, openMonths } from './hours.ts'
import { claimOf, fund, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import { postUsage } from './post.ts'
import { proveAnew } from './proofs.ts'
import { listMoves } from './statement.ts'
import { listUsage } from './usage-report.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store.stop())

const hourMs = 3_600_000
const nowHour = nowMs / hourMs

async function opened(): Promise<Database> {
  database = await store.open()
  await fund(database, alice, { tokens: 1_000_000n, credits: 10_000_000n })
  return database
}

/** @returns One that uses so many credits of the account at a time. */
async function gateway(instance = 'gw-1') {
  const epoch = await beginEpoch(database.sql, instance, { leaseMs: 30_000 })
  let frame = 0
  return async (credits: number, { atMs = nowMs, hour = Math.floor(atMs / hourMs) } = {}) => {
    const usage = [lineOf(alice, { credits, hour })]
    const leases = [claimOf(alice, { wants: 1_000 })]
    const frames = { instance, from: ++frame, to: frame, usage, leases }
    const { answer } = await postUsage(database, postOf(epoch, frames), termsOf({ nowMs: atMs }))
    if ('error' in answer) throw new Error(answer.detail)
  }
}

async function expectSound(): Promise<void> {
  expect(await checkBooks(database)).toEqual([])
  expect(await checkUsage(database)).toEqual([])
}

const whole = { account: alice, fromMs: 0, toMs: nowMs + 100 * hourMs }

describe('an hour that is closed', () => {
  test('stays as it is: what comes later is written into the first that is open, and counts for its own', async () => {
    await using _ = await opened()
    const use = await gateway()
    await use(100)
    await keepHours(database, nowMs + 3 * hourMs)
    // Of a gateway that was cut off, and by a service whose clock is behind.
    await use(20, { atMs: nowMs + 3 * hourMs, hour: nowHour })
    await use(3)
    const booked = await database.sql`
      select book_hour - ${nowHour}::int as hours, verb, credits from moves order by id`
    expect([...booked]).toEqual([
      { hours: 0, verb: 'deposit', credits: '10000000' },
      { hours: 0, verb: 'chargeLate', credits: '100' },
      { hours: 3, verb: 'charge', credits: '20' },
      { hours: 2, verb: 'charge', credits: '3' },
    ])
    const usage = { account: alice, fromHour: nowHour, toHour: nowHour + 9 }
    const rows = await listUsage(database.sql, usage, { after: undefined, countMax: 9 })
    expect(rows.map(({ hour, credits, requests }) => [hour, credits, requests])).toEqual([
      [nowHour, 123n, 3n],
    ])
    await expectSound()
  })

  test('refuses to be changed, by its own name as well, and one that is open to shrink', async () => {
    await using _ = await opened()
    const use = await gateway()
    await use(100)
    const [{ month = '' } = {}] = await database.sql<{ month: string }[]>`
      select tableoid::regclass::text as month from moves limit 1`
    const refused = (text: string, why: string) =>
      expect(database.sql.unsafe(text).execute()).rejects.toThrow(why)
    for (const table of ['moves', month]) {
      await refused(`update ${table} set credits = credits - 1`, 'written once')
      await refused(
        `update ${table} set tokens = tokens + 1 where verb = 'deposit'`,
        'written once',
      )
      await refused(`update ${table} set at = now()`, 'written once')
      await refused(`delete from ${table}`, 'written once')
      await refused(`truncate ${table}`, 'written once')
    }
    await refused('update usage set requests = requests - 1', 'written once')
    await refused(`update usage set method = 'eth_other'`, 'written once')
    await refused('delete from usage', 'written once')
    await refused('truncate usage', 'written once')
    await keepHours(database, nowMs + 2 * hourMs)
    for (const table of ['moves', month]) {
      const more = `update ${table} set tokens = tokens + 1 where period is not null`
      await refused(more, `hour ${nowHour} of the books is closed`)
    }
    await refused('update usage set requests = requests + 1', 'is closed')
    await refused(
      `insert into usage values (1, 1, '', '', 'eth', 'eth_call', 'ok', 1, 5)`,
      'closed',
    )
    await expectSound()
  })

  test('is proven once, and what was kept of it is proven again when somebody asks', async () => {
    await using _ = await opened()
    const use = await gateway()
    await use(100)
    await keepHours(database, nowMs + 2 * hourMs)
    await expectSound()
    const [kept] = await database.sql`select moves_hour, usage_hour from proven_until`
    expect(kept).toEqual({ moves_hour: nowHour + 1, usage_hour: nowHour + 1 })
    await database.sql`update proven_balances set amount = amount + 1`
    await database.sql`update proven_usage set credits = credits + 1`
    expect(await checkBooks(database)).not.toBeEmpty()
    expect(await checkUsage(database)).not.toBeEmpty()
    await database.transact(proveAnew)
    await expectSound()
  })

  test('waits for those who are writing into it', async () => {
    await using _ = await opened()
    const done: string[] = []
    let closing: Promise<unknown> | undefined
    await database.transact(async (queries) => {
      expect(await lockOpenHour(queries)).toBe(0)
      closing = keepHours(database, nowMs).then(() => done.push('closed'))
      const isWaiting = async () => {
        const [row] = await database.sql`
          select exists (select from pg_locks where not granted) as waits`
        return row.waits
      }
      while (!(await isWaiting())) await Bun.sleep(5)
      done.push('written')
    })
    await closing
    expect(done).toEqual(['written', 'closed'])
  })
})

test('whoever writes for long holds up nobody else for long, and the hour is closed afterwards', async () => {
  await using _ = await opened()
  const use = await gateway()
  await database.transact(async (queries) => {
    await lockOpenHour(queries)
    await expect(keepHours(database, nowMs)).rejects.toThrow('lock timeout')
    await use(100)
  })
  await keepHours(database, nowMs)
  const [row] = await database.sql`select open_hour from book_hours`
  expect(row.open_hour).toBe(nowHour - 1)
  await expectSound()
})

test('a clock that is far ahead of the database closes no hour that is not over', async () => {
  await using _ = await opened()
  const hour = Math.floor(Date.now() / hourMs)
  await keepHours(database, await cautiousNowMs(database, Date.now() + 40 * 24 * hourMs))
  const [row] = await database.sql`select open_hour from book_hours`
  // The hour may have ended meanwhile.
  expect([hour - 1, hour]).toContain(row.open_hour)
  expect(await cautiousNowMs(database, nowMs)).toBe(nowMs)
})

test('the books hold at any moment while gateways post and hours are closed', async () => {
  await using _ = await opened()
  const posts = 12
  let isOver = false
  const gateways = await Promise.all([1, 2, 3].map((number) => gateway(`gw-${number}`)))
  const posting = gateways.map(async (use, at) => {
    for (let post = 0; post < posts; post++) {
      // Their clocks differ by more than an hour.
      await use(10, { atMs: nowMs + (post + at) * hourMs, hour: nowHour + post })
    }
  })
  const checking = (async () => {
    for (let hour = 0; !isOver; hour++) {
      await keepHours(database, nowMs + hour * hourMs)
      await expectSound()
    }
  })()
  await Promise.all(posting).finally(() => {
    isOver = true
  })
  await checking
  const charged = await database.sql`
    select sum(credits)::int as credits from moves where period is not null`
  expect(charged[0].credits).toBe(gateways.length * posts * 10)
  await database.transact(proveAnew)
  await expectSound()
})

test('a history that grows while it is read is read whole, each move once and as it is then', async () => {
  await using _ = await opened()
  const use = await gateway()
  const seen: { id: bigint; credits: bigint }[] = []
  const page = async () => {
    const before = seen.at(-1)?.id
    seen.push(...(await listMoves(database.sql, whole, { before, countMax: 1 })))
  }
  // It has a lease from now on.
  await use(0)
  await use(100)
  await use(200, { atMs: nowMs + hourMs })
  await page()
  // The hour that was read grows, one that was not grows, and another begins.
  await use(1, { atMs: nowMs + hourMs })
  await use(10)
  await use(5, { atMs: nowMs + 2 * hourMs })
  for (let count = 0; count < 5; count++) await page()
  expect(seen.map(({ credits }) => credits)).toEqual([200n, 110n, 10_000_000n])
  const now = await listMoves(database.sql, whole, { before: undefined, countMax: 9 })
  expect(now.map(({ credits }) => credits)).toEqual([5n, 201n, 110n, 10_000_000n])
  const hour = { ...whole, fromMs: nowMs + hourMs, toMs: nowMs + 2 * hourMs }
  const own = await listMoves(database.sql, hour, { before: undefined, countMax: 9 })
  expect(own.map(({ credits, atMs }) => [credits, atMs])).toEqual([[201n, nowMs + hourMs]])
})

test('there is room for two months, made once however many make it', async () => {
  await using _ = await opened()
  const laterMs = Date.now() + 200 * 24 * hourMs
  await expect((await gateway())(1, { atMs: laterMs })).rejects.toThrow('no partition')
  await Promise.all([1, 2, 3].map(() => openMonths(database, laterMs)))
  const rows = await database.sql<{ from_hour: number; to_hour: number }[]>`
    select from_hour, to_hour from book_months order by from_hour`
  expect(rows[0]?.from_hour).toBe(0)
  for (const [at, { from_hour }] of rows.slice(1).entries()) {
    expect(from_hour).toBe(rows[at]?.to_hour ?? -1)
  }
  await (await gateway('gw-2'))(1, { atMs: laterMs + 60 * 24 * hourMs })
  await expectSound()
})
