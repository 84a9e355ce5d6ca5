import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { UsageLine } from '@mooring/protocol/metering/wire'
import fc from 'fast-check'
import { ensureAccount } from '../accounts.ts'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { createKey } from '../keys.ts'
import { createProject } from '../projects.ts'
import { alice, bob, digestNamed, noRestrictions, nowMs, storeOn } from '../store.fixtures.ts'
import { checkBooks } from './check.ts'
import { beginEpoch } from './epochs.ts'
import { claimOf, fund, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import { postUsage } from './post.ts'
import { listMoves, readStatement } from './statement.ts'
import { listUsage, nameKeys, sumUsage, type UsageRow, usageGroupings } from './usage-report.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

let store: ReturnType<typeof storeOn>
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store.stop())

const nowHour = Math.floor(nowMs / 3_600_000)
const year = { fromHour: nowHour - 300 * 24, toHour: nowHour + 1 }
const sumOf = <T>(rows: readonly T[], of: (row: T) => bigint) =>
  rows.reduce((sum, row) => sum + of(row), 0n)

async function post(database: Database, usage: readonly UsageLine[]): Promise<void> {
  const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
  const accounts = [...new Set(usage.flatMap(({ account }) => account ?? []))]
  const leases = accounts.map((account) => claimOf(account, { wants: 5_000 }))
  await postUsage(database, postOf(epoch, { leases }), termsOf())
  const frames = { from: 1, to: 1, usage: [...usage] }
  const { answer } = await postUsage(database, postOf(epoch, frames), termsOf())
  if ('error' in answer) throw new Error(answer.detail)
}

/** All pages of a reading, each as small as can be. */
async function allPages<T>(read: (after: T | undefined) => Promise<T[]>): Promise<T[]> {
  const all: T[] = []
  for (let page = await read(undefined); page.length > 0; page = await read(all.at(-1))) {
    all.push(...page)
  }
  return all
}

const lines = fc.array(
  fc.record({
    account: fc.constantFrom(alice, bob, null),
    key: fc.constantFrom('', 'k-1', 'k-2'),
    ownPurse: fc.constant(false),
    chain: fc.constantFrom('eth', 'bsc', 'local_one'),
    method: fc.constantFrom('eth_call', 'eth_getLogs', 'Größe_x'),
    status: fc.constantFrom('ok', 'RATE_LIMITED'),
    hour: fc.integer({ min: nowHour - 60, max: nowHour }),
    requests: fc.integer({ min: 1, max: 9 }),
    credits: fc.integer({ min: 0, max: 900 }),
  }),
  { minLength: 1, maxLength: 40 },
)
const funds = fc.record({
  tokens: fc.bigInt({ min: 1n, max: 10n ** 24n }),
  credits: fc.bigInt({ min: 1n, max: 20_000n }),
})

test('sums by any grouping equal the total, and what was charged or could not be', async () => {
  await fc.assert(
    fc.asyncProperty(lines, lines, funds, async (first, second, { tokens, credits }) => {
      await using database = await store.open()
      await fund(database, alice, { tokens, credits })
      await post(database, first)
      await post(database, second)
      const told = [...first, ...second].filter(({ account }) => account === alice)
      const credited = sumOf(told, (line) => BigInt(line.credits))
      const expected = { requests: sumOf(told, (line) => BigInt(line.requests)), credits: credited }
      for (const by of usageGroupings) {
        const pages = await allPages<{ group: string; requests: bigint; credits: bigint }>(
          async (after) => {
            const wanted = { by, after: after?.group, countMax: 2 }
            const { total, groups } = await sumUsage(
              database.sql,
              { account: alice, ...year },
              wanted,
            )
            expect(total).toEqual(expected)
            return groups
          },
        )
        expect(sumOf(pages, (one) => one.requests)).toBe(expected.requests)
        expect(sumOf(pages, (one) => one.credits)).toBe(expected.credits)
        expect(new Set(pages.map(({ group }) => group)).size).toBe(pages.length)
      }
      const rows = await allPages<UsageRow>((after) =>
        listUsage(database.sql, { account: alice, ...year }, { after, countMax: 3 }),
      )
      expect(sumOf(rows, (row) => row.credits)).toBe(expected.credits)
      expect(sumOf(rows, (row) => row.requests)).toBe(expected.requests)
      await expectCharged(database, expected.credits)
    }),
    { numRuns: 12 },
  )
})

async function expectCharged(database: Database, used: bigint): Promise<void> {
  const filter = { account: alice, fromMs: 0, toMs: nowMs + 1 }
  const moves = await allPages<{ id: bigint; verb: string; credits: bigint }>((last) =>
    listMoves(database.sql, filter, { before: last?.id, countMax: 2 }),
  )
  const charges = moves.filter(({ verb }) => verb === 'charge' || verb === 'chargeLate')
  const { uncollected } = await readStatement(database.sql, alice)
  expect(sumOf(charges, ({ credits }) => credits) + uncollected).toBe(used)
  expect(await checkBooks(database)).toEqual([])
}

describe('what was used', () => {
  async function withKeys(database: Database) {
    await ensureAccount(database, alice, nowMs)
    const project = await createProject(database.sql, alice, { name: 'site', nowMs })
    const settings = {
      ...{ name: 'web', expiresAtMs: null, restrictions: noRestrictions, creditsPerDayMax: null },
    }
    const owner = { account: alice, projectId: project!.id }
    const key = await createKey(database, owner, { hash: digestNamed('k'), settings, nowMs })
    return { project: project!, key: key! }
  }

  test('is told for a range, a chain, a key and the keys of a project', async () => {
    await using database = await store.open()
    const { project, key } = await withKeys(database)
    await fund(database, alice, { tokens: 10_000n, credits: 100_000n })
    await post(database, [
      lineOf(alice, { credits: 1 }),
      lineOf(alice, { credits: 20, chain: 'bsc', key: key.id }),
      lineOf(alice, { credits: 300, hour: nowHour - 2 }),
      lineOf(bob, { credits: 4_000 }),
    ])
    const totalOf = async (changes: object) => {
      const filter = { account: alice, fromHour: nowHour - 1, toHour: nowHour + 1, ...changes }
      const wanted = { by: 'hour', after: undefined, countMax: 10 } as const
      return (await sumUsage(database.sql, filter, wanted)).total.credits
    }
    expect(await totalOf({})).toBe(21n)
    expect(await totalOf({ fromHour: nowHour - 2 })).toBe(321n)
    expect(await totalOf({ fromHour: nowHour - 2, toHour: nowHour })).toBe(300n)
    expect(await totalOf({ chain: 'bsc' })).toBe(20n)
    expect(await totalOf({ key: '' })).toBe(1n)
    expect(await totalOf({ project: project.id })).toBe(20n)
    expect(await totalOf({ project: key.id })).toBe(0n)
  })

  test('has the names of keys and projects that are there', async () => {
    await using database = await store.open()
    const { project, key } = await withKeys(database)
    await post(database, [lineOf(alice, { key: key.id }), lineOf(alice, { key: 'gone' })])
    const names = { name: 'web', projectId: project.id, projectName: 'site' }
    const rows = await listUsage(
      database.sql,
      { account: alice, ...year },
      { after: undefined, countMax: 9 },
    )
    expect(new Map(rows.map((row) => [row.key, row.names]))).toEqual(
      new Map([
        [key.id, names],
        ['gone', undefined],
      ]),
    )
    expect(await nameKeys(database.sql, alice, [key.id, 'gone'])).toEqual(
      new Map([[key.id, names]]),
    )
    expect(await nameKeys(database.sql, bob, [key.id])).toEqual(new Map())
  })
})

describe('a statement', () => {
  test('says what there is, and the history how it came to be', async () => {
    await using database = await store.open()
    await fund(database, alice, { tokens: 10_000n, credits: 100_000n })
    await post(database, [lineOf(alice, { credits: 1_000 }), lineOf(bob, { credits: 5 })])
    expect(await readStatement(database.sql, alice)).toEqual({
      assets: [
        {
          ...{ asset: 'ankr', tokens: 9_900n, credits: 99_000n, leased: 4_000n, held: 0n },
          ...{
            accrued: 100n,
            spent: 0n,
            life: 0n,
            missing: 0n,
            toVoid: 0n,
            period: 7n,
            periodUsed: 100n,
          },
        },
      ],
      uncollected: 0n,
    })
    expect(await readStatement(database.sql, bob)).toEqual({ assets: [], uncollected: 5n })
    const filter = { account: alice, fromMs: 0, toMs: nowMs + 1 }
    const page = { before: undefined, countMax: 10 }
    const moves = await listMoves(database.sql, filter, page)
    expect(moves.map(({ verb }) => verb)).toEqual(['charge', 'deposit'])
    expect(moves[0]).toMatchObject({ tokens: 100n, credits: 1_000n, asset: 'ankr', atMs: nowMs })
    expect(moves[0]?.cause).toBe('period 7 epoch 0')
    const charges = await listMoves(database.sql, { ...filter, verb: 'charge' }, page)
    expect(charges).toHaveLength(1)
    expect(await listMoves(database.sql, { ...filter, toMs: nowMs }, page)).toEqual([])
  })
})
