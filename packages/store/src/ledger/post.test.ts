import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { legs } from '@mooring/market/metering/holding'
import type { Database } from '../database.ts'
import { startPostgres } from '../embedded/postgres.ts'
import { alice, bob, dayMs, nowMs, storeOn } from '../store.fixtures.ts'
import { checkBooks, checkPeriods } from './check.ts'
import { checkUsage } from './check-usage.ts'
import { beginEpoch, listSilentEpochs } from './epochs.ts'
import { listHoldings } from './holdings.ts'
import { claimOf, fund, lineOf, postOf, termsOf } from './ledger.fixtures.ts'
import { type BookAnswer, closeEpoch, type PostTerms, postUsage } from './post.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
})
afterAll(() => store.stop())

async function opened(): Promise<Database> {
  database = await store.open()
  return database
}

const begin = (instance = 'gw-1') => beginEpoch(database.sql, instance, { leaseMs: 30_000 })

async function post(
  epoch: bigint,
  changes: Parameters<typeof postOf>[1],
  terms: Partial<PostTerms> = {},
): Promise<BookAnswer> {
  const { answer } = await postUsage(database, postOf(epoch, changes), termsOf(terms))
  if ('error' in answer) throw new Error(`${answer.error}: ${answer.detail}`)
  return answer
}

async function balances(account: string) {
  const holdings = await listHoldings(database.sql, account)
  return holdings.map(({ asset, tokens, credits, leased, accrued }) => ({
    ...{ asset, tokens, credits, leased, accrued },
  }))
}

async function expectSound(): Promise<void> {
  expect(await checkBooks(database)).toEqual([])
  expect(await checkUsage(database)).toEqual([])
  expect(await checkPeriods(database, { period: 0n, hour: 0 })).toEqual([])
}

describe('a post', () => {
  test('leases what is wanted, charges what was used, and takes back what is not needed', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 10_000n, credits: 100_000n })
    const epoch = await begin()
    const first = await post(epoch, { leases: [claimOf(alice, { wants: 2_000, needs: 400 })] })
    expect(first.grants).toEqual([
      {
        ...{ account: alice, key: '', granted: 2_000, left: '98000' },
        ...{ reason: null, retryAfterMs: null },
      },
    ])
    const second = await post(epoch, {
      ...{ from: 1, to: 3, usage: [lineOf(alice, { requests: 2, credits: 800 })] },
      leases: [claimOf(alice, { holds: 500 })],
    })
    expect(second).toMatchObject({ last: 3, state: 'live' })
    expect(await balances(alice)).toEqual([
      { asset: 'ankr', tokens: 9_920n, credits: 99_200n, leased: 500n, accrued: 80n },
    ])
    await expectSound()
    const verbs = await database.sql<{ verb: string }[]>`select verb from moves order by id`
    expect(verbs.map(({ verb }) => verb)).toEqual(['deposit', 'charge'])
  })

  test('counts once however often it comes, and a gap is refused', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 10_000n, credits: 100_000n })
    const epoch = await begin()
    const usage = [lineOf(alice, { credits: 800 })]
    await post(epoch, { leases: [claimOf(alice, { wants: 2_000 })] })
    for (let time = 0; time < 3; time++) {
      const answer = await post(epoch, { from: 1, to: 2, usage })
      expect(answer.last).toBe(2)
    }
    expect((await balances(alice))[0]?.credits).toBe(99_200n)
    for (const [from, to] of [
      [4, 5],
      [2, 3],
    ] as const) {
      const { answer } = await postUsage(database, postOf(epoch, { from, to, usage }), termsOf())
      expect(answer).toMatchObject({ error: 'gap', last: 2 })
    }
    const unknown = await postUsage(database, postOf(epoch + 9n, {}), termsOf())
    expect(unknown.answer).toMatchObject({ error: 'unknown' })
    const other = await postUsage(database, { ...postOf(epoch), instance: 'gw-2' }, termsOf())
    expect(other.answer).toMatchObject({ error: 'unknown' })
    await expectSound()
  })

  test('whose answer was lost leases nothing twice', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 10_000n, credits: 100_000n })
    const epoch = await begin()
    const leases = [claimOf(alice, { wants: 2_000 })]
    await post(epoch, { leases })
    await post(epoch, { leases })
    expect((await balances(alice))[0]?.leased).toBe(2_000n)
    await expectSound()
  })

  test('that comes late, after a newer one, takes back no lease', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 10_000n, credits: 100_000n })
    const epoch = await begin()
    const older = postOf(epoch, { leases: [claimOf(alice)] })
    await post(epoch, { leases: [claimOf(alice, { wants: 2_000 })] })
    const { answer } = await postUsage(database, older, termsOf())
    expect(answer).toMatchObject({ grants: [], state: 'live' })
    expect((await balances(alice))[0]?.leased).toBe(2_000n)
    await expectSound()
  })

  test('uses up ANKR before dollars, and both for one request where neither is enough', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 70n, credits: 300n })
    await fund(database, alice, { asset: 'usd', tokens: 50n, credits: 500n })
    const epoch = await begin()
    const { grants } = await post(epoch, {
      leases: [claimOf(alice, { wants: 700, needs: 700 })],
    })
    expect(grants[0]?.granted).toBe(700)
    await post(epoch, { from: 1, to: 1, usage: [lineOf(alice, { credits: 700 })] })
    expect(await balances(alice)).toEqual([
      { asset: 'ankr', tokens: 0n, credits: 0n, leased: 0n, accrued: 70n },
      { asset: 'usd', tokens: 10n, credits: 100n, leased: 0n, accrued: 40n },
    ])
    await expectSound()
  })

  test('of what had no lease takes what is there, and notes what is not', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 100n, credits: 1_000n })
    const epoch = await begin()
    const usage = [lineOf(alice, { credits: 1_500 }), lineOf(bob, { credits: 20 })]
    const { findings } = await postUsage(
      database,
      postOf(epoch, { from: 1, to: 1, usage }),
      termsOf(),
    )
    expect(findings).toEqual({ late: 1_520n, uncollected: 520n })
    expect((await balances(alice))[0]).toMatchObject({ credits: 0n, accrued: 100n })
    await expectSound()
  })

  test('counts the community and charges nobody for it', async () => {
    await using _ = await opened()
    const epoch = await begin()
    const line = lineOf(null, { requests: 5, credits: 0 })
    await post(epoch, { from: 1, to: 1, usage: [line, { ...line, hour: line.hour + 9 }] })
    const rows = await database.sql`select hour, account, requests, credits from usage`
    expect([...rows]).toEqual([{ hour: line.hour, account: '', requests: '10', credits: '0' }])
    await expectSound()
  })
})

describe('what is charged', () => {
  const movesOf = async (account: string) => [
    ...(await database.sql`
      select book_hour, verb, cause, tokens, credits from moves where account = ${account} order by id`),
  ]

  test('is one row for each hour and charge period, however many posts told of it', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 1_000n, credits: 10_000n })
    const epoch = await begin()
    await post(epoch, { leases: [claimOf(alice, { wants: 4_000 })] })
    let frame = 0
    const use = (credits: number, terms: Partial<PostTerms> = {}) => {
      const usage = [lineOf(alice, { credits })]
      return post(epoch, { from: ++frame, to: frame, usage }, terms)
    }
    for (const credits of [100, 200, 300]) await use(credits)
    await use(50, { period: 8n })
    await use(70, { nowMs: nowMs + 3_600_000, period: 8n })
    const hour = nowMs / 3_600_000
    expect((await movesOf(alice)).slice(1)).toEqual([
      { book_hour: hour, verb: 'charge', cause: 'period 7 epoch 0', tokens: '60', credits: '600' },
      { book_hour: hour, verb: 'charge', cause: 'period 8 epoch 0', tokens: '5', credits: '50' },
      {
        book_hour: hour + 1,
        verb: 'charge',
        cause: 'period 8 epoch 0',
        tokens: '7',
        credits: '70',
      },
    ])
    const [own] = await database.sql`select period, period_used from holdings`
    expect(own).toEqual({ period: '8', period_used: '12' })
    await expectSound()
  })

  test('by a clock that is a moment behind counts for the period that has begun', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 1_000n, credits: 10_000n })
    const epoch = await begin()
    const usage = [lineOf(alice, { credits: 100 })]
    for (const [at, period] of [8n, 7n, 8n].entries()) {
      await post(epoch, { from: at + 1, to: at + 1, usage }, { period })
    }
    const [own] = await database.sql`select period, period_used from holdings`
    expect(own).toEqual({ period: '8', period_used: '30' })
    // Periods are counted anew when they become longer.
    await post(epoch, { from: 4, to: 4, usage }, { period: 4n })
    const [anew] = await database.sql`select period, period_used from holdings`
    expect(anew).toEqual({ period: '4', period_used: '10' })
    await expectSound()
  })
})

describe('a lease', () => {
  test('of two gateways that want all is never more than there is', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 900n, credits: 1_000n })
    const epochs = [await begin('gw-1'), await begin('gw-2')]
    const claims = [claimOf(alice, { wants: 5_000, needs: 400 })]
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => {
        const epoch = epochs[at % 2] ?? 0n
        const instance = `gw-${(at % 2) + 1}`
        const request = { ...postOf(epoch, { leases: claims }), instance }
        return postUsage(database, request, termsOf())
      }),
    )
    expect(answers).toHaveLength(8)
    const [{ leased = 0n, credits = 0n } = {}] = await balances(alice)
    expect(leased <= credits).toBeTrue()
    await expectSound()
  })

  test('that is refused because others hold it is recalled from them', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 900n, credits: 1_000n })
    const [one, two] = [await begin('gw-1'), await begin('gw-2')]
    await post(one, { leases: [claimOf(alice, { wants: 1_000, needs: 1_000 })] })
    const asked = {
      ...postOf(two, { leases: [claimOf(alice, { wants: 400, needs: 400 })] }),
      instance: 'gw-2',
    }
    const refused = await postUsage(database, asked, termsOf())
    expect(refused.answer).toMatchObject({ grants: [{ granted: 0, reason: 'reserved' }] })
    expect((await post(one, {})).recalls).toEqual([{ account: alice, key: '' }])
    await post(one, { leases: [claimOf(alice, { holds: 100 })] })
    const again = { ...asked, number: asked.number + 1 }
    const granted = await postUsage(database, again, termsOf())
    expect(granted.answer).toMatchObject({ grants: [{ granted: 400, reason: null }] })
    expect((await post(one, {}, { nowMs: nowMs + 60_000 })).recalls).toEqual([])
    await expectSound()
  })

  test('of an instance that began anew goes on until its end is told or its time is over', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 900n, credits: 1_000n })
    const zombie = await begin()
    await post(zombie, { leases: [claimOf(alice, { wants: 400 })] })
    const living = await begin()
    const fenced = await post(zombie, {
      ...{ from: 1, to: 1, usage: [lineOf(alice, { credits: 100 })] },
      leases: [claimOf(alice, { holds: 300, wants: 400 })],
    })
    expect(fenced).toMatchObject({ state: 'fenced', grants: [] })
    expect((await balances(alice))[0]).toMatchObject({ credits: 900n, leased: 300n })
    await post(zombie, { from: 2, to: 2, usage: [lineOf(alice, { credits: 10 })], closes: true })
    expect((await balances(alice))[0]).toMatchObject({ credits: 890n, leased: 0n })
    // What comes after the end is charged from what is there.
    await post(zombie, { from: 3, to: 3, usage: [lineOf(alice, { credits: 90 })] })
    expect((await balances(alice))[0]).toMatchObject({ credits: 800n, leased: 0n })
    expect((await post(living, {})).state).toBe('live')
    await expectSound()
  })

  test('of a gateway that is gone is free once somebody closes its epoch', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 900n, credits: 1_000n })
    const epoch = await begin()
    await post(epoch, { leases: [claimOf(alice, { wants: 400 })] })
    const silent = () => listSilentEpochs(database.sql, { graceMs: 1_000, countMax: 10 })
    const close = () => closeEpoch(database, { id: epoch, instance: 'gw-1' }, closing)
    const closing = { ...termsOf(), graceMs: 1_000 }
    expect(await silent()).toEqual([])
    // It may have been heard while its copies were looked for.
    expect(await close()).toBe(false)
    await database.sql`update meter_epochs set leased_until = now() - interval '2 seconds'`
    const [gone] = await silent()
    expect(gone).toMatchObject({ id: epoch, instance: 'gw-1', lastFrame: 0n })
    expect([await close(), await close()]).toEqual([true, false])
    expect((await post(epoch, {})).state).toBe('closed')
    expect((await balances(alice))[0]).toMatchObject({ credits: 1_000n, leased: 0n })
    expect((await post(epoch, { leases: [claimOf(alice, { wants: 1 })] })).grants).toEqual([])
    await expectSound()
  })

  test('never takes more in a charge period than the chain lets a root take', async () => {
    await using _ = await opened()
    await fund(database, alice, { tokens: 1_000n, credits: 1_000n })
    const epoch = await begin()
    const caps = { ankr: { min: 100n, ppm: 50_000n }, usd: { min: 0n, ppm: 0n } }
    const claim = claimOf(alice, { wants: 90, needs: 90 })
    await post(epoch, { leases: [claim] }, { caps })
    await post(epoch, { from: 1, to: 1, usage: [lineOf(alice, { credits: 90 })] }, { caps })
    const refused = await post(epoch, { leases: [claim] }, { caps })
    expect(refused.grants[0]).toMatchObject({
      ...{ granted: 0, reason: 'period-cap', retryAfterMs: 600_000 },
    })
    const next = await post(epoch, { leases: [claim] }, { caps, period: 8n })
    expect(next.grants[0]?.granted).toBe(90)
    await expectSound()
  })
})

describe('a key with a limit for each day', () => {
  async function limitedKey(limit: bigint): Promise<string> {
    await database.sql`insert into accounts (name, created_at) values (${alice}, now())`
    const [project] = await database.sql`
      insert into projects (account, name, created_at) values (${alice}, 'p', now()) returning id`
    const [key] = await database.sql`
      insert into keys (account, project_id, name, restrictions, credits_per_day_max, created_at)
      values (${alice}, ${project.id}, 'k', '{}', ${limit}, now()) returning id`
    return key.id
  }

  test('leases no more than that, over all gateways, until the next day', async () => {
    await using _ = await opened()
    const key = await limitedKey(1_000n)
    await fund(database, alice, { tokens: 900n, credits: 100_000n })
    const [one, two] = [await begin('gw-1'), await begin('gw-2')]
    const claim = claimOf(alice, { key, wants: 700, needs: 400 })
    expect((await post(one, { leases: [claim] })).grants[0]?.granted).toBe(700)
    const other = { ...postOf(two, { leases: [claim] }), instance: 'gw-2' }
    const refused = await postUsage(database, other, termsOf())
    expect(refused.answer).toMatchObject({ grants: [{ granted: 0, reason: 'key-cap' }] })
    const used = lineOf(alice, { key, ownPurse: true, credits: 700 })
    const again = await post(one, {
      ...{ from: 1, to: 1, usage: [used], leases: [{ ...claim, wants: 300, needs: 300 }] },
    })
    expect(again.grants[0]?.granted).toBe(300)
    const spent = await post(one, {
      ...{ from: 2, to: 2, usage: [{ ...used, credits: 300 }], leases: [claim] },
    })
    expect(spent.grants[0]).toMatchObject({ granted: 0, reason: 'key-cap' })
    const tomorrow = await post(one, { leases: [claim] }, { nowMs: nowMs + dayMs })
    expect(tomorrow.grants[0]?.granted).toBe(700)
    await expectSound()
  })

  test('leases no more than a limit that was lowered, and nothing once it is frozen, of what it gives back', async () => {
    await using _ = await opened()
    const key = await limitedKey(1_000n)
    await fund(database, alice, { tokens: 900n, credits: 100_000n })
    const epoch = await begin()
    // As after a lease that has ended: all of it comes back, and as much is wanted anew.
    const claim = claimOf(alice, { key, holds: 0, wants: 700 })
    const granted = async () => (await post(epoch, { leases: [claim] })).grants[0]?.granted
    expect(await granted()).toBe(700)
    expect(await granted()).toBe(700)
    await database.sql`update keys set credits_per_day_max = 100 where id = ${key}`
    expect(await granted()).toBe(100)
    await database.sql`update keys set status = 'frozen' where id = ${key}`
    expect(await granted()).toBe(0)
    await expectSound()
  })

  test('has used what it used before the limit was set', async () => {
    await using _ = await opened()
    const key = await limitedKey(1_000n)
    await fund(database, alice, { tokens: 900n, credits: 100_000n })
    const epoch = await begin()
    await post(epoch, { from: 1, to: 1, usage: [lineOf(alice, { key, credits: 800 })] })
    const claim = claimOf(alice, { key, wants: 400, needs: 400 })
    expect((await post(epoch, { leases: [claim] })).grants[0]?.reason).toBe('key-cap')
    const less = { ...claim, wants: 200, needs: 200 }
    expect((await post(epoch, { leases: [less] })).grants[0]?.granted).toBe(200)
  })

  test('that is unknown, frozen, or of a frozen account leases nothing', async () => {
    await using _ = await opened()
    const key = await limitedKey(1_000n)
    await fund(database, alice, { tokens: 900n, credits: 100_000n })
    const epoch = await begin()
    const reasonFor = async (claimed: string) => {
      const leases = [claimOf(alice, { key: claimed, wants: 400 })]
      return (await post(epoch, { leases })).grants[0]?.reason
    }
    expect(await reasonFor('none')).toBe('key-cap')
    await database.sql`update keys set status = 'frozen' where id = ${key}`
    expect(await reasonFor(key)).toBe('key-cap')
    await database.sql`update accounts set status = 'frozen'`
    expect(await reasonFor('')).toBe('frozen')
  })
})

test('verbs stand in the database as they do in the rules', async () => {
  await using _ = await opened()
  const rows = await database.sql<Record<string, string | null>[]>`select * from verbs`
  const known = Object.fromEntries(
    rows.map((row) => [
      row.verb,
      {
        tokens: row.tokens_from === null ? undefined : [row.tokens_from, row.tokens_to],
        credits: row.credits_from === null ? undefined : [row.credits_from, row.credits_to],
      },
    ]),
  )
  expect(known).toEqual(legs)
})

test('a move names a holding and a verb that there are, and they stay', async () => {
  await using _ = await opened()
  await fund(database, alice, { tokens: 900n, credits: 1_000n })
  const known = { account: alice, asset: 'ankr', verb: 'charge' }
  const unknown = [{ account: bob }, { asset: 'usd' }, { verb: 'take' }]
  for (const wrong of unknown) {
    const { account, asset, verb } = { ...known, ...wrong }
    const added = database.sql`
      insert into moves (book_hour, account, asset, verb, cause, at, tokens, credits) values
        (1, ${alice}, 'ankr', 'charge', 'a', now(), 1, 1),
        (1, ${account}, ${asset}, ${verb}, 'b', now(), 1, 1)`
    expect(added.execute()).rejects.toThrow('there is no holding')
  }
  expect(database.sql`delete from holdings`.execute()).rejects.toThrow('written once')
  expect(database.sql`update holdings set account = ${bob}`.execute()).rejects.toThrow(
    'written once',
  )
  expect(database.sql`delete from verbs`.execute()).rejects.toThrow('written once')
  await expectSound()
})
