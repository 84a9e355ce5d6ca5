import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { ensureAccount, loadAccount, recordOf } from './accounts.ts'
import { createAlert, listAlerts, reviewAlerts, reviewTurnedAlerts } from './alerts.ts'
import { readChanges } from './changes.ts'
import type { Database } from './database.ts'
import { type DepositFinding, saveFinding, tellDeposit } from './deposits.ts'
import { startPostgres } from './embedded/postgres.ts'
import { beginEpoch } from './ledger/epochs.ts'
import { claimOf, fund, lineOf, postOf, termsOf } from './ledger/ledger.fixtures.ts'
import { lockHolding, saveHolding } from './ledger/positions.ts'
import { postUsage } from './ledger/post.ts'
import { alice, bob, hashNamed, nowMs, storeOn } from './store.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
beforeEach(async () => {
  database = await store.open()
  await ensureAccount(database, alice, nowMs)
})
afterEach(() => database.close())
afterAll(() => store.stop())

async function use(credits: number): Promise<void> {
  const epoch = await beginEpoch(database.sql, 'gw-1', { nowMs, leaseMs: 30_000 })
  const leases = [claimOf(alice, { wants: credits, needs: credits })]
  await postUsage(database, postOf(epoch, { leases }), termsOf())
  const usage = [lineOf(alice, { credits })]
  await postUsage(database, postOf(epoch, { from: 1, to: 1, usage, closes: true }), termsOf())
}

/** As a deposit that verifiers attest, and that nobody has booked yet. */
async function attest(amount: bigint): Promise<string> {
  const place = { chainId: 1, transactionHash: hashNamed(`deposit ${amount}`), logIndex: 0 }
  const deposit = await tellDeposit(database.sql, alice, { place, nowMs })
  const finding: DepositFinding = {
    ...deposit!,
    state: 'final',
    ...{ asset: 'ankr' as const, amount, credited: amount, life: 0, blockNumber: 1 },
  }
  await saveFinding(database.sql, deposit!, { finding, nextCheckAtMs: null })
  return deposit!.id
}

const status = async () => recordOf((await loadAccount(database.sql, alice))!).status
const cursor = async () => (await readChanges(database.sql, undefined)).cursor

describe('an account', () => {
  test('is exhausted once nothing is left by the books, and gateways hear of it', async () => {
    expect(await status()).toBe('active')
    await fund(database, alice, { tokens: 100n, credits: 1_000n })
    await fund(database, alice, { asset: 'usd', tokens: 10n, credits: 100n })
    expect((await loadAccount(database.sql, alice))?.credit).toEqual({ ankr: 100n, usd: 10n })
    const before = await cursor()
    await use(400)
    expect((await readChanges(database.sql, before)).changes).toEqual([])
    await use(700)
    expect(await status()).toBe('exhausted')
    const ended = await readChanges(database.sql, before)
    expect(ended.changes).toContainEqual({ kind: 'account', account: alice })
    await fund(database, alice, { tokens: 1n, credits: 10n })
    expect(await status()).toBe('active')
    const back = await readChanges(database.sql, ended.cursor)
    expect(back.changes).toEqual([{ kind: 'account', account: alice }])
  })

  test('can use what is attested before it is booked, and not twice after', async () => {
    await attest(70n)
    // Somebody has looked into its books, where nothing is yet.
    await database.transact((queries) => lockHolding(queries, alice, 'ankr'))
    expect(await status()).toBe('active')
    expect((await loadAccount(database.sql, alice))?.credit.ankr).toBe(70n)
    await fund(database, alice, { tokens: 70n, credits: 700n })
    await database.sql`update deposits set booked = credited`
    expect((await loadAccount(database.sql, alice))?.credit.ankr).toBe(70n)
    await use(700)
    expect(await status()).toBe('exhausted')
  })

  test('that has asked everything out shows nothing, and is served until it is out', async () => {
    await fund(database, alice, { tokens: 100n, credits: 1_000n })
    await hold(100n)
    expect((await loadAccount(database.sql, alice))?.credit.ankr).toBe(0n)
    expect(await status()).toBe('active')
  })
})

async function hold(held: bigint): Promise<void> {
  await database.transact(async (queries) => {
    const holding = await lockHolding(queries, alice, 'ankr')
    await saveHolding(queries, { account: alice, asset: 'ankr', holding: { ...holding, held } })
  })
}

describe('an alert', () => {
  const telling = { textOf: (_: unknown, credit: bigint) => `{"left":"${credit}"}`, nowMs }
  const letters = async () =>
    (await database.sql<{ body: string }[]>`select body from outbox order by created_at, id`).map(
      ({ body }) => body,
    )
  const review = () => reviewTurnedAlerts(database, 10, telling)

  async function alertAt(threshold: bigint, target = 'https://hooks.example') {
    const wanted = { asset: 'ankr', threshold, channel: 'webhook', target, nowMs } as const
    await createAlert(database.sql, alice, wanted)
    await reviewAlerts(database.sql, alice, telling)
  }

  test('turns once when requests use the credit up, and again after it was above', async () => {
    await fund(database, alice, { tokens: 100n, credits: 1_000n })
    await alertAt(50n)
    await use(400)
    expect(await review()).toBe(0)
    await use(200)
    expect(await Promise.all([review(), review(), review()])).toContain(1)
    expect(await review()).toBe(0)
    expect(await letters()).toEqual(['{"left":"40"}'])
    await fund(database, alice, { tokens: 10n, credits: 100n })
    expect(await review()).toBe(1)
    await use(100)
    await review()
    expect((await letters()).sort()).toEqual(['{"left":"40"}', '{"left":"40"}'])
  })

  test('counts what was asked out as gone', async () => {
    await fund(database, alice, { tokens: 100n, credits: 1_000n })
    await alertAt(50n)
    await hold(60n)
    expect(await review()).toBe(1)
    expect(await letters()).toEqual(['{"left":"40"}'])
  })

  test('of many comes in parts', async () => {
    await fund(database, alice, { tokens: 100n, credits: 1_000n })
    for (let at = 0; at < 5; at++) await alertAt(50n, `https://hooks.example/${at}`)
    await use(600)
    expect(await reviewTurnedAlerts(database, 3, telling)).toBe(3)
    expect(await reviewTurnedAlerts(database, 3, telling)).toBe(2)
    expect((await listAlerts(database.sql, alice)).every(({ isLow }) => isLow)).toBeTrue()
    expect(await listAlerts(database.sql, bob)).toEqual([])
  })

  test('is woken for by the posting that turns it, and by no other', async () => {
    await fund(database, alice, { tokens: 100n, credits: 1_000n })
    await alertAt(50n)
    let woken = 0
    const wake = () => {
      woken++
    }
    const listening = await database.sql.listen('mooring_alerts', wake)
    await use(400)
    await Bun.sleep(100)
    expect(woken).toBe(0)
    await use(200)
    const endMs = performance.now() + 10_000
    while (woken === 0 && performance.now() < endMs) await Bun.sleep(10)
    expect(woken).toBeGreaterThan(0)
    await listening.unlisten()
  })
})
