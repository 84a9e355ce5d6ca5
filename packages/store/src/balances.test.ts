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
import type { UsageLine } from '@mooring/protocol/metering/wire'
import { ensureAccount, loadAccount, recordOf } from './accounts.ts'
import {
  type AlertFacts,
  createAlert,
  createKeyAlert,
  listAlerts,
  reviewAlerts,
  reviewTurnedAlerts,
} from './alerts.ts'
import { readChanges } from './changes.ts'
import { brokenConstraint, type Database } from './database.ts'
import { type DepositFinding, saveFinding, tellDeposit } from './deposits.ts'
import { startPostgres } from './embedded/postgres.ts'
import { createKey } from './keys.ts'
import { beginEpoch } from './ledger/epochs.ts'
import { claimOf, fund, lineOf, postOf, termsOf } from './ledger/ledger.fixtures.ts'
import { lockHolding, saveHolding } from './ledger/positions.ts'
import { postUsage } from './ledger/post.ts'
import { createProject } from './projects.ts'
import {
  alice,
  bob,
  dayMs,
  digestNamed,
  hashNamed,
  noRestrictions,
  nowMs,
  storeOn,
} from './store.fixtures.ts'

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

async function use(credits: number, how: Partial<UsageLine> = {}): Promise<void> {
  const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
  const leases = [claimOf(alice, { wants: credits, needs: credits })]
  await postUsage(database, postOf(epoch, { leases }), termsOf())
  const usage = [lineOf(alice, { credits, ...how })]
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
    await database.sql`
      update deposits set booked = credited, booked_asset = asset, booked_block = transaction_hash`
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
  const textOf = (facts: AlertFacts) =>
    facts.kind === 'low-balance'
      ? `{"left":"${facts.credit}"}`
      : `${facts.name}: ${facts.used} of ${facts.limit}, day ${facts.day}`
  const telling = { textOf, nowMs }
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
    await until(() => woken > 0)
    await listening.unlisten()
  })

  test('about a key is told once a day, when so much of its limit is used', async () => {
    const key = await limitedKey(1_000n)
    const wanted = {
      keyId: key,
      percent: 80,
      channel: 'webhook',
      target: 'https://x.example',
    } as const
    await createKeyAlert(database.sql, alice, { ...wanted, nowMs })
    expect(await createKeyAlert(database.sql, bob, { ...wanted, nowMs })).toBeUndefined()
    let woken = 0
    const listening = await database.sql.listen('mooring_alerts', () => void woken++)
    await use(799, { key, ownPurse: true })
    await Bun.sleep(100)
    expect([woken, await review()]).toEqual([0, 0])
    await use(1, { key, ownPurse: true })
    await until(() => woken > 0)
    expect([await review(), await review()]).toEqual([1, 0])
    await use(50, { key, ownPurse: true })
    await review()
    const today = nowMs / dayMs
    expect(await letters()).toEqual([`web: 800 of 1000, day ${today}`])
    const tomorrow = { ...telling, nowMs: nowMs + dayMs }
    expect(await reviewTurnedAlerts(database, 10, tomorrow)).toBe(1)
    expect((await listAlerts(database.sql, alice))[0]?.isLow).toBeFalse()
    await database.sql`insert into key_days values (${key}, ${today + 1}, 900)`
    expect(await reviewTurnedAlerts(database, 10, tomorrow)).toBe(1)
    expect((await letters()).sort()[1]).toBe(`web: 900 of 1000, day ${today + 1}`)
    await listening.unlisten()
  })

  test('about a key goes with it, and there is none about a key without a limit', async () => {
    const [key, free] = [await limitedKey(1_000n), await limitedKey(null)]
    const wanted = { percent: 80, channel: 'webhook', target: 'https://x.example', nowMs } as const
    expect(await createKeyAlert(database.sql, alice, { ...wanted, keyId: free })).toBeUndefined()
    await createKeyAlert(database.sql, alice, { ...wanted, keyId: key })
    const again = createKeyAlert(database.sql, alice, { ...wanted, keyId: key })
    expect(await again.catch(brokenConstraint)).toBe('alerts_of_key')
    await database.sql`delete from keys where id = ${key}`
    expect(await listAlerts(database.sql, alice)).toEqual([])
  })

  async function limitedKey(creditsPerDayMax: bigint | null): Promise<string> {
    const name = `site-${creditsPerDayMax}`
    const project = await createProject(database.sql, alice, { name, nowMs })
    const owner = { account: alice, projectId: project!.id }
    const settings = {
      name: 'web',
      expiresAtMs: null,
      restrictions: noRestrictions,
      creditsPerDayMax,
    }
    const key = await createKey(database, owner, { hash: digestNamed(name), settings, nowMs })
    return key!.id
  }
})

async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + 10_000
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error('it did not come')
    await Bun.sleep(10)
  }
}
