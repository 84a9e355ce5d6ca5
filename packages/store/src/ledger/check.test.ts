import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, hashNamed, nowMs, storeOn } from '../store.fixtures.ts'
import { type CheckName, checkBooks, checkPeriods, type Discrepancy } from './check.ts'
import { checkEscrow } from './check-escrow.ts'
import { checkUsage } from './check-usage.ts'
import { attest, bookAll, chainId } from './deposits.fixtures.ts'
import { beginEpoch } from './epochs.ts'
import { bookEscrowEvents, noteFinalBlocks } from './escrow-events.ts'
import { keepHours } from './hours.ts'
import { claimOf, fund, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import { postUsage } from './post.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
  database = await store.open()
  await live(database)
})
afterAll(async () => {
  await database?.close()
  await store.stop()
})

/** Something of everything that is checked: a deposit, requests with a key and without, a root that was applied. */
async function live(database: Database): Promise<void> {
  const deposit = {
    account: alice,
    name: 'd',
    asset: 'ankr',
    amount: 1_000n,
    block: 5,
  } as const
  await attest(database, deposit, { state: 'final', credited: 1_000n })
  await bookAll(database, 10n)
  const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
  await postUsage(database, postOf(epoch, { leases: [claimOf(alice, { wants: 900 })] }), termsOf())
  const usage = [lineOf(alice, { credits: 300 }), lineOf(alice, { credits: 200, key: 'k-1' })]
  const community = lineOf(null, { credits: 0, requests: 9 })
  const frames = { from: 1, to: 1, usage: [...usage, community] }
  await postUsage(database, postOf(epoch, frames), termsOf())
  const place = { blockNumber: 6n, logIndex: 0, life: 0n, transactionHash: hashNamed('root') }
  const event = { ...place, account: alice, asset: 'ankr', kind: 'charge', amount: 30n } as const
  const to = { number: 6n, hash: hashNamed('block 6') }
  await noteFinalBlocks(database, { to, events: [event], rates: [] })
  await bookEscrowEvents(database, { chainId, nowMs, countMax: 10 })
}

async function found(): Promise<Discrepancy[]> {
  return [
    ...(await checkBooks(database)),
    ...(await checkUsage(database)),
    ...(await checkPeriods(database, { period: 7n, hour: 0 })),
    ...(await checkEscrow(database)),
  ]
}

/** What somebody may do to a database by hand, or a fault of ours, and what takes it back. */
const wrongs: [CheckName, { done: string; undone: string; told: string }][] = [
  [
    'account-entries',
    {
      done: 'update holdings set credits = credits - 5',
      undone: 'update holdings set credits = credits + 5',
      told: 'ankr: 9495 credits are unused, entries say 9500',
    },
  ],
  [
    'leases',
    {
      done: 'update holdings set leased = leased + 3',
      undone: 'update holdings set leased = leased - 3',
      told: 'ankr: 403 credits are leased, gateways hold 400',
    },
  ],
  [
    'usage-charges',
    {
      done: `insert into uncollected values (1, '${alice}', 5)`,
      undone: 'delete from uncollected',
      told: '500 credits were used, 505 were charged or could not be',
    },
  ],
  [
    'frames-usage',
    {
      done: 'update meter_epochs set requests = requests + 1',
      undone: 'update meter_epochs set requests = requests - 1',
      told: 'frames have told 12 requests, usage counts 11',
    },
  ],
  [
    'key-days',
    {
      done: 'update key_days set used = used - 1',
      undone: 'update key_days set used = used + 1',
      told: 'key k-1: its days say 199 credits, usage 200',
    },
  ],
  [
    'period-used',
    {
      done: 'update holdings set period_used = 0',
      undone: 'update holdings set period_used = 50',
      told: 'ankr: 0 tokens count for the charge period, 50 were charged in it',
    },
  ],
  [
    'deposits-left',
    {
      done: 'update escrow_events set amount = 10, booked_at = null',
      undone: 'update escrow_events set amount = 30, booked_at = now()',
      told: 'ankr: 970 tokens stand in the books, 1000 are left of what was deposited',
    },
  ],
  [
    'spent-applied',
    {
      done: 'update holdings set spent = spent + 1',
      undone: 'update holdings set spent = spent - 1',
      told: 'ankr: 31 tokens are spent, roots took 30 in this life of the account',
    },
  ],
]

describe('the check', () => {
  test.each(wrongs)('%s finds what is wrong, and nothing else', async (check, wrong) => {
    expect(await found()).toEqual([])
    await database.sql.unsafe(wrong.done)
    const told = await found()
    expect(told.filter((each) => each.check === check).map(({ detail }) => detail)).toEqual([
      wrong.told,
    ])
    await database.sql.unsafe(wrong.undone)
    expect(await found()).toEqual([])
  })

  test('finds a charge that is in the books once more, and usage that was counted once more', async () => {
    await using other = await store.open()
    await live(other)
    await other.sql`update moves set tokens = tokens + 1, credits = credits + 7 where period is not null`
    expect((await checkBooks(other)).map(({ check }) => check)).toContain('account-entries')
    expect((await checkUsage(other)).map(({ check }) => check)).toEqual(['usage-charges'])
    expect(await checkPeriods(other, { period: 7n, hour: 0 })).toHaveLength(1)
    await other.sql`update usage set credits = credits + 7, requests = requests + 1 where key = 'k-1'`
    const checks = (await checkUsage(other)).map(({ check }) => check)
    expect(checks).toEqual(['frames-usage', 'frames-usage', 'key-days'])
  })
})

test('a charge period of before periods were made longer is none of today', async () => {
  await using other = await store.open()
  await live(other)
  // The numbers of short periods are higher than those of long ones.
  expect(await checkPeriods(other, { period: 3n, hour: nowMs / 3_600_000 + 100 })).toEqual([])
})

test('checks wait for each other, whichever process makes them', async () => {
  await using database = await store.open()
  for (let round = 0; round < 5; round++) {
    await fund(database, alice, { tokens: 10n, credits: 100n })
    await keepHours(database, nowMs + round * 3_600_000)
    const all = [checkBooks, checkUsage, checkBooks, checkUsage, checkBooks]
    const found = await Promise.all(all.map((check) => check(database)))
    expect(found.flat()).toEqual([])
  }
})
