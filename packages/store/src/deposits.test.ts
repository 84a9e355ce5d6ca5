import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { ensureAccount, loadAccount, recordOf } from './accounts.ts'
import { type AlertFacts, createAlert, listAlerts, reviewAlerts } from './alerts.ts'
import { changesAtOnceMax, dropChangesBefore, listenForChanges, readChanges } from './changes.ts'
import { brokenConstraint, type Database } from './database.ts'
import {
  creditedOnce,
  type Deposit,
  type DepositFinding,
  dropRefusedBefore,
  freshChecksMax,
  listDeposits,
  loadDeposit,
  lockDepositsOfToken,
  openDepositsOfAccountMax,
  postponeCheck,
  saveFinding,
  takeDueDeposits,
  tellDeposit,
  tellSeenDeposit,
} from './deposits.ts'
import { startPostgres } from './embedded/postgres.ts'
import { createKey, rotateKey, setKeyStatus } from './keys.ts'
import { listDeliveries, markDelivered, markFailed, takeDueLetters } from './outbox.ts'
import { createProject } from './projects.ts'
import { countRevocations, saveRevocation } from './revocations.ts'
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
import {
  dropTokensOf,
  listEndingTokens,
  listTokens,
  renewStoredToken,
  storeToken,
  tokensOfAccountMax,
} from './tokens.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
  database = await store.open()
  for (const name of [alice, bob]) await ensureAccount(database, name, nowMs)
})
afterAll(async () => {
  await database?.close()
  await store?.stop()
})

const placeOf = (name: string) => ({ chainId: 1, transactionHash: hashNamed(name), logIndex: 2 })

async function tell(name: string, account = alice): Promise<Deposit> {
  const told = await tellDeposit(database.sql, account, { place: placeOf(name), nowMs })
  if (told === undefined) throw new Error('it was not taken')
  return told
}

function found(changes: Partial<DepositFinding>): DepositFinding {
  return {
    ...{ state: 'seen', confirmations: null, confirmationsNeeded: null, refusal: null },
    ...{ asset: 'ankr', amount: 1_000n, credited: 0n, life: 0, blockNumber: 7 },
    blockHash: hashNamed('block'),
    ...changes,
  }
}

const final = found({ state: 'final', credited: 1_000n })
const save = (deposit: Deposit, finding: DepositFinding) =>
  saveFinding(database.sql, deposit, { finding, nextCheckAtMs: null })

describe('a deposit', () => {
  test('that is told twice is one', async () => {
    expect((await tell('d1')).id).toBe((await tell('d1')).id)
  })

  test('that came to nothing is forgotten, and no other one', async () => {
    const named = ['refused', 'unseen', 'asked about', 'orphaned'] as const
    const [refused, unseen, , orphaned] = await Promise.all(named.map((name) => tell(name, bob)))
    const none = { asset: null, amount: null, life: null, blockNumber: null, blockHash: null }
    await save(refused!, found({ ...none, state: 'refused', refusal: 'NOT_A_DEPOSIT' }))
    await save(unseen!, found({ ...none, state: 'seen' }))
    await save(orphaned!, found({ state: 'orphaned' }))
    const kept = async () => {
      const ids = (await listDeposits(database.sql, bob)).map(
        ({ transactionHash }) => transactionHash,
      )
      return named.filter((name) => ids.includes(hashNamed(name)))
    }
    await dropRefusedBefore(database.sql, nowMs)
    expect(await kept()).toEqual([...named])
    await dropRefusedBefore(database.sql, nowMs + 1)
    expect(await kept()).toEqual(['asked about', 'orphaned'])
  })

  test('of any size keeps every digit', async () => {
    const amount = 2n ** 256n - 1n
    await save(await tell('d2', bob), found({ state: 'final', amount, credited: amount }))
    expect((await loadAccount(database.sql, bob))?.credit).toEqual({ ankr: amount, usd: 0n })
  })

  test('is credited once, though two processes found it at once', async () => {
    const deposit = await tell('d3')
    const saved = await Promise.all([1, 2, 3, 4].map(() => save(deposit, final)))
    expect(saved.filter(Boolean)).toHaveLength(1)
    expect((await loadAccount(database.sql, alice))?.credit.ankr).toBe(1_000n)
  })

  test('is credited to one account, whoever else says that it is theirs', async () => {
    const [hers, his] = [await tell('d4'), await tell('d4', bob)]
    await save(hers, final)
    expect(await save(his, final).catch(brokenConstraint)).toBe(creditedOnce)
  })

  test('cannot be credited with more than its state allows', async () => {
    const deposit = await tell('d5')
    for (const finding of [
      found({ state: 'attested-capped', credited: 101n }),
      found({ state: 'final', credited: 1_001n }),
      found({ state: 'final', credited: 999n }),
      found({ state: 'orphaned', credited: 1n }),
      found({ state: 'confirming', credited: 1n }),
    ]) {
      expect(await save(deposit, finding).catch(brokenConstraint)).toBe('credited_with_facts')
    }
    expect(await save(deposit, found({ state: 'attested-capped', credited: 100n }))).toBeTrue()
  })

  test('is checked by one process at a time', async () => {
    const due = { nowMs: nowMs + 1, leaseMs: 60_000, countMax: 100 }
    await tell('d6')
    const taken = await Promise.all([1, 2, 3].map(() => takeDueDeposits(database.sql, due)))
    const ids = taken.flat().map(({ id }) => id)
    expect(ids.length).toBeGreaterThan(0)
    expect(new Set(ids).size).toBe(ids.length)
    expect(await takeDueDeposits(database.sql, due)).toEqual([])
  })

  test('that verifiers know comes before those that anyone may have made up', async () => {
    const erin = 'eip155:1:0x00000000000000000000000000000000000e7170'
    await ensureAccount(database, erin, nowMs)
    const names = ['e1', 'e2', 'e3']
    const told: Deposit[] = []
    for (const name of names) told.push(await tell(name, erin))
    const finding = found({ state: 'confirming', confirmations: 3, confirmationsNeeded: 12 })
    const last = told[2]!
    await saveFinding(database.sql, last, { finding, nextCheckAtMs: nowMs })
    const due = { nowMs: nowMs + 1, leaseMs: 60_000, countMax: 1 }
    expect((await takeDueDeposits(database.sql, due)).map(({ id }) => id)).toEqual([last.id])
    await takeDueDeposits(database.sql, { ...due, countMax: 100 })
  })

  test('that nobody knows, after some checks, waits until none that verifiers know is due', async () => {
    const grace = 'eip155:1:0x00000000000000000000000000000000000064ce'
    await ensureAccount(database, grace, nowMs)
    const due = { nowMs: nowMs + 1, leaseMs: 60_000, countMax: 100 }
    await takeDueDeposits(database.sql, due)
    const take = async () => {
      const taken = (await takeDueDeposits(database.sql, due)).map(({ id }) => id)
      for (const id of taken) {
        const deposit = (await loadDeposit(database.sql, grace, id))!
        await postponeCheck(database.sql, deposit, nowMs)
      }
      return taken.sort()
    }
    const [known, unknown, fresh] = [
      await tell('g1', grace),
      await tell('g2', grace),
      await tell('g3', grace),
    ]
    const ids = (...deposits: Deposit[]) => deposits.map(({ id }) => id).sort()
    const check = async ({ id }: Deposit, finding: DepositFinding, nextCheckAtMs: number) => {
      const deposit = (await loadDeposit(database.sql, grace, id))!
      await saveFinding(database.sql, deposit, { finding, nextCheckAtMs })
    }
    const confirming = found({ state: 'confirming', confirmations: 3, confirmationsNeeded: 12 })
    await check(known, confirming, nowMs)
    expect(await take()).toEqual(ids(known, unknown, fresh))
    for (let at = 0; at < freshChecksMax; at++) await check(unknown, unknown, nowMs)
    expect(await take()).toEqual(ids(known, fresh))
    await check(known, confirming, nowMs + 5_000)
    expect(await take()).toEqual(ids(unknown, fresh))
    await takeDueDeposits(database.sql, due)
  })

  test('is one of a few that wait', async () => {
    const frank = 'eip155:1:0x00000000000000000000000000000000000f7a4c'
    await ensureAccount(database, frank, nowMs)
    for (let at = 0; at < openDepositsOfAccountMax; at++) await tell(`w${at}`, frank)
    const more = { place: placeOf('one more'), nowMs }
    expect(await tellDeposit(database.sql, frank, more)).toBeUndefined()
    expect(await tellDeposit(database.sql, frank, { place: placeOf('w3'), nowMs })).toBeDefined()
    await takeDueDeposits(database.sql, { nowMs: nowMs + 1, leaseMs: 60_000, countMax: 100 })
  })

  test('that the chain tells of is checked whatever its account waits for, and takes nobody’s room', async () => {
    const heidi = 'eip155:1:0x000000000000000000000000000000000000be1d'
    await ensureAccount(database, heidi, nowMs)
    for (let at = 0; at < openDepositsOfAccountMax; at++) {
      const place = placeOf(`seen ${at}`)
      await tellSeenDeposit(database.sql, heidi, { place, nowMs })
    }
    for (let at = 0; at < openDepositsOfAccountMax; at++) await tell(`made up ${at}`, heidi)
    const due = { nowMs: nowMs + 1, leaseMs: 60_000, countMax: 100 }
    await takeDueDeposits(database.sql, due)
    const place = placeOf('real')
    await tellSeenDeposit(database.sql, heidi, { place, nowMs })
    await tellSeenDeposit(database.sql, heidi, { place, nowMs: nowMs + 5 })
    const [next] = await takeDueDeposits(database.sql, { ...due, countMax: 1 })
    expect(next?.transactionHash).toBe(hashNamed('real'))
    // What was given up is looked at again, before what anyone may have made up.
    await saveFinding(database.sql, next!, {
      finding: found({ state: 'refused', refusal: 'NOT_A_DEPOSIT' }),
      nextCheckAtMs: null,
    })
    for (let at = 0; at < freshChecksMax; at++) {
      const made = (await tellDeposit(database.sql, heidi, { place: placeOf('made up 1'), nowMs }))!
      await saveFinding(database.sql, made, { finding: made, nextCheckAtMs: nowMs })
    }
    await tellSeenDeposit(database.sql, heidi, { place, nowMs })
    const taken = await takeDueDeposits(database.sql, due)
    expect(taken.map(({ transactionHash }) => transactionHash)).toEqual([hashNamed('real')])
    await takeDueDeposits(database.sql, due)
  })

  test('that waits for finality is asked about when its block may be final, and the lowest for all', async () => {
    const ivan = 'eip155:1:0x0000000000000000000000000000000000001fa7'
    await ensureAccount(database, ivan, nowMs)
    const capAt = async (blockNumber: number, dueInMs: number) => {
      const finding = found({ state: 'attested-capped', credited: 100n, blockNumber })
      const deposit = await tell(`capped ${blockNumber}`, ivan)
      await saveFinding(database.sql, deposit, { finding, nextCheckAtMs: nowMs + dueInMs })
    }
    await capAt(20, 9_000)
    for (const block of [21, 22, 23, 30]) await capAt(block, 0)
    const take = async (unfinalBlock?: number) => {
      const due = { nowMs: nowMs + 1, leaseMs: 60_000, countMax: 100, unfinalBlock }
      const taken = (await takeDueDeposits(database.sql, due)).filter((one) => one.account === ivan)
      for (const deposit of taken) await postponeCheck(database.sql, deposit, nowMs)
      return taken.map(({ blockNumber }) => Number(blockNumber)).sort()
    }
    expect(await take(20)).toEqual([21])
    expect(await take(23)).toEqual([21, 22])
    expect(await take()).toEqual([21, 22, 23, 30])
    await database.sql`update deposits set next_check_at = null where account = ${ivan}`
  })

  test('is seen by its own account alone', async () => {
    const { id } = await tell('d7')
    expect((await listDeposits(database.sql, alice)).map((one) => one.id)).toContain(id)
    expect((await listDeposits(database.sql, bob)).map((one) => one.id)).not.toContain(id)
  })

  test('that was taken back leaves its account exhausted', async () => {
    const carol = 'eip155:1:0x00000000000000000000000000000000000ca401'
    await ensureAccount(database, carol, nowMs)
    await save(await tell('d8', carol), found({ state: 'attested-capped', credited: 100n }))
    expect(recordOf((await loadAccount(database.sql, carol))!)).toMatchObject({
      tier: 'premium',
      status: 'active',
    })
    await save(await tell('d8', carol), found({ state: 'orphaned' }))
    expect(recordOf((await loadAccount(database.sql, carol))!)).toMatchObject({
      tier: 'community',
      status: 'exhausted',
    })
  })
})

describe('a stored token', () => {
  const stored = (name: string) => ({
    binding: digestNamed(`${name}-key`),
    jti: digestNamed(name),
    token: `${name}.b.c`,
    deposit: placeOf('d1'),
    expiresAtMs: nowMs + dayMs,
  })

  test('replaces the one before it of the same key, and ends', async () => {
    await storeToken(database, alice, { stored: stored('t1'), nowMs })
    await storeToken(database, alice, {
      stored: { ...stored('t2'), binding: stored('t1').binding },
      nowMs: nowMs + 1,
    })
    expect(await listTokens(database.sql, alice, nowMs)).toEqual(['t2.b.c'])
    expect(await listTokens(database.sql, alice, nowMs + dayMs)).toEqual([])
  })

  test('of another account does not stand in its way', async () => {
    await storeToken(database, bob, { stored: stored('t3'), nowMs })
    await storeToken(database, alice, { stored: stored('t3'), nowMs: nowMs + 2 })
    expect(await listTokens(database.sql, bob, nowMs)).toEqual(['t3.b.c'])
    expect(await listTokens(database.sql, alice, nowMs)).toEqual(['t3.b.c', 't2.b.c'])
  })

  test('is one of a few', async () => {
    for (let at = 0; at < tokensOfAccountMax + 3; at++) {
      await storeToken(database, bob, { stored: stored(`m${at}`), nowMs: nowMs + 10 + at })
    }
    const tokens = await listTokens(database.sql, bob, nowMs)
    expect(tokens).toHaveLength(tokensOfAccountMax)
    expect(tokens[0]).toBe(`m${tokensOfAccountMax + 2}.b.c`)
  })

  test('that ends soon gives its place to one that ends later, and a dropped one to none', async () => {
    const [soon, dropped] = [stored('t5'), stored('t6')]
    for (const one of [soon, dropped]) await storeToken(database, alice, { stored: one, nowMs })
    const twoThirds = nowMs + (2 * dayMs) / 3
    const ending = async (ms: number) =>
      (await listEndingTokens(database.sql, { nowMs: ms, countMax: 100 }))
        .filter(({ account }) => account === alice)
        .map(({ binding }) => binding)
    expect(await ending(twoThirds)).not.toContain(soon.binding)
    expect(await ending(twoThirds + 1)).toContain(soon.binding)
    expect(await ending(nowMs + dayMs)).toContain(soon.binding)
    expect(await ending(nowMs + 2 * dayMs)).not.toContain(soon.binding)
    await dropTokensOf(database.sql, dropped.jti)
    const renew = (one: typeof soon, ms: number) =>
      renewStoredToken(database.sql, alice, {
        stored: { ...one, token: `${one.jti}.later`, expiresAtMs: ms },
        nowMs: twoThirds + 1,
      })
    await renew(soon, nowMs + dayMs)
    expect(await listTokens(database.sql, alice, nowMs)).not.toContain(`${soon.jti}.later`)
    await renew(soon, nowMs + 2 * dayMs)
    await renew(dropped, nowMs + 2 * dayMs)
    expect(await listTokens(database.sql, alice, nowMs + dayMs)).toEqual([`${soon.jti}.later`])
    await dropTokensOf(database.sql, soon.jti)
  })

  test('names its deposit, and is revoked by verifiers one by one', async () => {
    await storeToken(database, alice, { stored: stored('t4'), nowMs: nowMs + 3 })
    const jti = digestNamed('t4')
    const names = (await lockDepositsOfToken(database.sql, jti)).map(
      ({ transactionHash }) => transactionHash,
    )
    expect(names).toEqual([hashNamed('d1')])
    const revocation = { jti, revokedAt: 1, signature: '0x00' } as const
    const verifiers = ['0x1', '0x2'].map((one) => one.padEnd(42, '0') as `0x${string}`)
    await saveRevocation(database.sql, {
      ...revocation,
      verifier: verifiers[0]!,
      reason: 'orphaned',
    })
    await saveRevocation(database.sql, {
      ...revocation,
      verifier: verifiers[0]!,
      reason: 'rekeyed',
    })
    await saveRevocation(database.sql, {
      ...revocation,
      verifier: verifiers[1]!,
      reason: 'rekeyed',
    })
    expect(await countRevocations(database.sql, jti)).toEqual({ all: 2, orphaned: 1 })
    const unknown = {
      ...revocation,
      jti: 'nobody',
      verifier: verifiers[0]!,
      reason: 'rekeyed',
    } as const
    expect(await saveRevocation(database.sql, unknown)).toBeFalse()
  })

  test('of several verifiers at the same time are counted together by one of them', async () => {
    for (let round = 0; round < 20; round++) {
      const name = `together-${round}`
      await storeToken(database, alice, { stored: stored(name), nowMs: nowMs + 100 + round })
      const jti = digestNamed(name)
      const counts = await Promise.all(
        ['0x1', '0x2'].map((one) =>
          database.transact(async (queries) => {
            const verifier = one.padEnd(42, '0') as `0x${string}`
            const word = {
              jti,
              verifier,
              reason: 'rekeyed',
              revokedAt: 1,
              signature: '0x00',
            } as const
            await saveRevocation(queries, word)
            return countRevocations(queries, jti)
          }),
        ),
      )
      expect(Math.max(...counts.map(({ all }) => all))).toBe(2)
    }
  })
})

test('a deposit of a token that is taken back is not checked meanwhile', async () => {
  const account = 'eip155:1:0x0000000000000000000000000000000000067ace'
  await ensureAccount(database, account, nowMs)
  const told = await tell('r1', account)
  const jti = digestNamed('r1')
  const token = { binding: digestNamed('r1-key'), jti, token: 'a.b.c', deposit: placeOf('r1') }
  const stored = { ...token, expiresAtMs: nowMs + dayMs }
  await storeToken(database, account, { stored, nowMs })
  let check: Promise<boolean> | undefined
  const isTakenBack = await database.transact(async (queries) => {
    const [deposit] = await lockDepositsOfToken(queries, jti)
    check = save(told, final)
    // Long enough for the check to have written, were it not kept waiting.
    await Bun.sleep(50)
    const finding = found({ state: 'orphaned' })
    return await saveFinding(queries, deposit!, { finding, nextCheckAtMs: null })
  })
  expect([isTakenBack, await check]).toEqual([true, false])
})

describe('an alert', () => {
  const textOf = (facts: AlertFacts) => ('credit' in facts ? `left: ${facts.credit}` : '')
  const dave = 'eip155:1:0x00000000000000000000000000000000000da5e0'
  const review = () =>
    database.transact((queries) => reviewAlerts(queries, dave, { textOf, nowMs }))
  const due = { nowMs: nowMs + 1, leaseMs: 60_000, countMax: 10 }

  test('is told once when the credit falls below, and again after it was above', async () => {
    await ensureAccount(database, dave, nowMs)
    const alert = await createAlert(database.sql, dave, {
      ...{ asset: 'ankr', threshold: 500n, channel: 'webhook', target: 'https://hook.example' },
      nowMs,
    })
    await save(await tell('a1', dave), final)
    await review()
    expect(await takeDueLetters(database.sql, due)).toEqual([])
    await save(await tell('a1', dave), found({ state: 'orphaned' }))
    await review()
    await review()
    const letters = await takeDueLetters(database.sql, due)
    expect(letters.map(({ alertId, body, attempts }) => ({ alertId, body, attempts }))).toEqual([
      { alertId: alert!.id, body: 'left: 0', attempts: 1 },
    ])
    await save(await tell('a1', dave), final)
    await review()
    expect((await listAlerts(database.sql, dave))[0]?.isLow).toBeFalse()
  })

  test('is told by one process at a time, and again when that one dies', async () => {
    await save(await tell('a1', dave), found({ state: 'orphaned' }))
    await review()
    const taken = await Promise.all([1, 2, 3].map(() => takeDueLetters(database.sql, due)))
    expect(taken.flat()).toHaveLength(1)
    const later = { ...due, nowMs: nowMs + 120_000 }
    const again = await takeDueLetters(database.sql, later)
    expect(again.map(({ attempts }) => attempts).sort()).toEqual([2, 2])
  })

  test('has a history that ends in delivered or given up', async () => {
    const [alert] = await listAlerts(database.sql, dave)
    const list = () =>
      listDeliveries(database.sql, { account: dave, alertId: alert!.id, countMax: 10 })
    const [one, two] = await list()
    await markDelivered(database.sql, one!.id, nowMs + 5)
    await markFailed(database.sql, two!.id, { problem: 'no answer', nextAttemptAtMs: null })
    const after = await list()
    expect(after.find(({ id }) => id === one!.id)).toMatchObject({ deliveredAtMs: nowMs + 5 })
    expect(after.find(({ id }) => id === two!.id)).toMatchObject({
      isGivenUp: true,
      problem: 'no answer',
    })
    expect(
      await listDeliveries(database.sql, { account: bob, alertId: alert!.id, countMax: 9 }),
    ).toEqual([])
  })
})

describe('the feed of changes', () => {
  const kindsSince = async (cursor: string) =>
    (await readChanges(database.sql, cursor)).changes.map((change) =>
      change.kind === 'key' ? change.keyHash : change.account,
    )
  const now = async () => (await readChanges(database.sql, undefined)).cursor

  test('has every change of a key, under each of its hashes', async () => {
    const start = await now()
    const project = await createProject(database.sql, alice, { name: 'feed', nowMs })
    const key = await createKey(
      database,
      { account: alice, projectId: project!.id },
      {
        hash: digestNamed('f1'),
        settings: {
          name: 'a',
          expiresAtMs: null,
          restrictions: noRestrictions,
          creditsPerDayMax: null,
        },
        nowMs,
      },
    )
    expect(await kindsSince(start)).toEqual([digestNamed('f1')])
    const owner = { account: alice, id: key!.id }
    await rotateKey(database, owner, { hash: digestNamed('f2'), nowMs, overlapMs: 5_000 })
    const rotated = await now()
    for (let at = 0; at < 3; at++) {
      expect((await setKeyStatus(database.sql, owner, 'frozen'))?.status).toBe('frozen')
    }
    expect((await kindsSince(rotated)).sort()).toEqual(
      [digestNamed('f1'), digestNamed('f2')].sort(),
    )
  })

  test('has what changes for an account: its credit and its tokens', async () => {
    const start = await now()
    await save(await tell('f3'), final)
    expect(await kindsSince(start)).toEqual([alice])
  })

  test('loses nothing, though many write at once', async () => {
    const start = await now()
    const names = Array.from({ length: 24 }, (_, at) => `c${at}`)
    const told: Deposit[] = []
    for (const name of names)
      told.push(await tell(name, Number(name.slice(1)) % 2 === 0 ? bob : alice))
    let cursor = start
    let seen = 0
    let isDone = false
    const reading = (async () => {
      while (!isDone || (await readChanges(database.sql, cursor)).changes.length > 0) {
        const { cursor: next, changes } = await readChanges(database.sql, cursor)
        seen += changes.length
        cursor = next
      }
    })()
    await Promise.all(told.map((deposit) => save(deposit, final)))
    isDone = true
    await reading
    expect(seen).toBe(names.length)
  })

  test('wakes whoever listens', async () => {
    const woken = Promise.withResolvers<void>()
    let wakes = 0
    // Listening itself wakes once.
    const listening = await listenForChanges(database, () => {
      if (++wakes > 1) woken.resolve()
    })
    await save(await tell('f4'), final)
    await woken.promise
    await listening.stop()
  })

  test('says reset to a cursor it cannot go on from', async () => {
    const { cursor } = await readChanges(database.sql, undefined)
    const [feed, number] = cursor.split('.')
    for (const odd of ['', 'x', `${feed}.${Number(number) + 1}`, `${crypto.randomUUID()}.0`]) {
      expect(await readChanges(database.sql, odd)).toEqual({ cursor, reset: true, changes: [] })
    }
    expect((await readChanges(database.sql, `${feed}.0`)).reset).toBeFalse()
    await dropChangesBefore(database.sql, Date.now() + dayMs)
    expect((await readChanges(database.sql, `${feed}.0`)).reset).toBeTrue()
    expect(await readChanges(database.sql, cursor)).toEqual({ cursor, reset: false, changes: [] })
  })

  test('is told in parts when it is long', async () => {
    const start = await now()
    await database.sql`select note_change('account', 'x' || n) from generate_series(1, ${changesAtOnceMax + 5}) as n`
    const first = await readChanges(database.sql, start)
    expect(first.changes).toHaveLength(changesAtOnceMax)
    expect((await readChanges(database.sql, first.cursor)).changes).toHaveLength(5)
  })
})
