import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { openDatabase } from '@mooring/store/database'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { beginEpoch } from '@mooring/store/ledger/epochs'
import { fund, lineOf, postOf, termsOf } from '@mooring/store/ledger/ledger.fixtures'
import { postUsage } from '@mooring/store/ledger/post'
import { startAccountsProcess } from '@mooring/testkit/accounts'
import { SQL } from 'bun'
import {
  ask,
  chainId,
  movableClock,
  nameOf,
  newKeyHash,
  signInAs,
  startForTest,
  wallet,
} from '../accounts.fixtures.ts'
import type { Accounts } from '../accounts.ts'
import { macOf } from '../secrets.ts'
import { retryPauseMs } from './deliver.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let postgres: Postgres
const clock = movableClock()
const signingKey = 'a-signing-key-of-more-than-32-characters'

type Heard = { path: string; body: string; signature: string; delivery: string }
const heard: Heard[] = []
/** Answers in turn; 200 when there is nothing more. */
let answers: (() => Response | Promise<Response>)[] = []
const receiver = Bun.serve({
  port: 0,
  async fetch(request) {
    const path = new URL(request.url).pathname
    heard.push({
      path,
      body: await request.text(),
      signature: request.headers.get('mooring-signature') ?? '',
      delivery: request.headers.get('mooring-delivery') ?? '',
    })
    // Of letters that a test does not wait for, none may take the answer meant for another.
    if (path === '/calm') return new Response('ok')
    return await (answers.shift() ?? (() => new Response('ok')))()
  },
})
const at = (path: string) => `http://127.0.0.1:${receiver.port}${path}`
const alerts = {
  ...{ signingKey, allowLoopback: true, pollIntervalMs: 20, timeoutMs: 500, retryMs: 1_000 },
  ...{ attemptsMax: 3, mailerUrl: at('/mailer') },
}
let accounts: Accounts
beforeAll(async () => {
  postgres = await startPostgres()
  accounts = await startForTest(postgres.url, { clock, alerts })
})
afterAll(async () => {
  await accounts?.stop('test')
  await receiver.stop(true)
  await postgres?.stop()
})

type Made = { id: string; secret: string | null; isLow: boolean; code: string }
type History = {
  deliveries: {
    deliveredAt: number | null
    attempts: number
    problem: string | null
    isGivenUp: boolean
  }[]
}

/** An alert that is low from the start: a new account has no credit. */
async function create(number: number, wish: object) {
  const token = await signInAs(accounts.url, wallet(number), { nowMs: clock.wallMs() })
  const body = { channel: 'webhook', asset: 'ankr', threshold: '5', ...wish }
  const { status, body: made } = await ask<Made>(accounts.url, 'POST', '/v1/alerts', {
    token,
    body,
  })
  const history = async () =>
    (await ask<History>(accounts.url, 'GET', `/v1/alerts/${made.id}/deliveries`, { token })).body
      .deliveries
  return { token, status, made, history }
}

async function until<T>(read: () => Promise<T> | T, isSo: (value: T) => boolean): Promise<T> {
  const endMs = performance.now() + 15_000
  for (;;) {
    const value = await read()
    if (isSo(value)) return value
    if (performance.now() > endMs) throw new Error(`it stayed ${JSON.stringify(value)}`)
    await Bun.sleep(20)
  }
}
const heardAt = (path: string) => heard.filter((one) => one.path === path)

describe('a webhook', () => {
  test('is told of a low balance, signed so that its owner can check it', async () => {
    const { made, history } = await create(1, { target: at('/one') })
    const [letter] = await until(
      () => heardAt('/one'),
      ({ length }) => length > 0,
    )
    expect(JSON.parse(letter!.body)).toMatchObject({
      type: 'low-balance',
      alert: made.id,
      asset: 'ankr',
      threshold: '5',
      credit: '0',
    })
    const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(letter!.signature) ?? []
    expect(v1).toBe(macOf(made.secret!, `${t}.${letter!.body}`))
    expect(Number(t)).toBe(Math.floor(clock.wallMs() / 1_000))
    await until(history, (list) => list[0]?.deliveredAt != null)
    expect(heardAt('/one')).toHaveLength(1)
  })

  test('is set up once for the same, and only so often', async () => {
    const { token } = await create(9, { target: at('/calm') })
    const again = async (threshold: string) => {
      const body = { channel: 'webhook', asset: 'ankr', threshold, target: at('/calm') }
      const answer = await ask<Made>(accounts.url, 'POST', '/v1/alerts', { token, body })
      return answer.body.code ?? 'made'
    }
    const codes: string[] = []
    for (const threshold of ['5', '6', '7', '8', '9']) codes.push(await again(threshold))
    expect(codes).toEqual(['ALREADY_THERE', 'made', 'made', 'made', 'RATE_LIMITED'])
  })

  test('that fails is tried again after a pause that doubles', async () => {
    answers = [() => new Response('', { status: 503 }), () => new Promise<Response>(() => {})]
    const { history } = await create(2, { target: at('/two') })
    const first = await until(history, (list) => list[0]?.problem != null)
    expect(first[0]).toMatchObject({ attempts: 1, problem: 'status 503', isGivenUp: false })
    await Bun.sleep(100)
    expect(heardAt('/two')).toHaveLength(1)
    clock.skipMs(1_000)
    await until(history, (list) => list[0]?.problem === 'no answer in time')
    clock.skipMs(2_000)
    await until(history, (list) => list[0]?.deliveredAt != null)
    const deliveries = heardAt('/two').map(({ delivery }) => delivery)
    expect(deliveries).toHaveLength(3)
    expect(new Set(deliveries).size).toBe(1)
  })

  test('that fails too often is given up', async () => {
    answers = Array.from({ length: 3 }, () => () => Response.redirect(at('/elsewhere'), 302))
    const { history } = await create(3, { target: at('/three') })
    // An attempt is counted when it begins, so that nothing shows when its pause has begun: time passes until the end.
    const later = async () => {
      clock.skipMs(1_000)
      return await history()
    }
    expect((await until(later, (list) => list[0]?.isGivenUp === true))[0]).toMatchObject({
      attempts: 3,
      problem: 'a redirect (302), which is not followed',
    })
    expect(heardAt('/elsewhere')).toEqual([])
  })

  test.each([
    'http://10.0.0.1/',
    'https://169.254.169.254/',
    'https://[::ffff:10.0.0.1]/',
    'ftp://127.0.0.1/',
  ])('at %s is refused at once', async (target) => {
    const { status, made } = await create(4, { target })
    expect([status, made.code]).toEqual([422, 'ADDRESS_REFUSED'])
  })

  test('inside is refused where loopback is not allowed, also when it was set up before', async () => {
    const { history } = await create(5, { target: at('/five') })
    await until(history, (list) => list[0]?.deliveredAt != null)
    await using sql = new SQL(postgres.url, { max: 1 })
    await sql`delete from outbox`
    await accounts.stop('test')
    await sql`insert into outbox (alert_id, body, created_at, next_attempt_at)
      select id, '{}', created_at, created_at from alerts where target = ${at('/five')}`
    accounts = await startForTest(postgres.url, {
      clock,
      alerts: { ...alerts, allowLoopback: false },
    })
    const token = await signInAs(accounts.url, wallet(5), { nowMs: clock.wallMs() })
    const { body } = await ask<{ alerts: { id: string }[] }>(accounts.url, 'GET', '/v1/alerts', {
      token,
    })
    const path = `/v1/alerts/${body.alerts[0]?.id}/deliveries`
    const list = async () =>
      (await ask<History>(accounts.url, 'GET', path, { token })).body.deliveries
    expect((await until(list, ([one]) => one?.problem != null))[0]?.problem).toContain(
      'the address was refused',
    )
    expect(heardAt('/five')).toHaveLength(1)
    await accounts.stop('test')
    await sql`delete from outbox`
    accounts = await startForTest(postgres.url, { clock, alerts })
  })
})

describe('an e-mail address', () => {
  type Mail = {
    to: string
    confirmation?: { code: string; alert: string }
    alert?: { type: string }
  }
  const mailsTo = (to: string) =>
    heardAt('/mailer')
      .map(({ body }) => JSON.parse(body) as Mail)
      .filter((mail) => mail.to === to)
  const sent = (to: string, count: number) =>
    until(
      () => mailsTo(to),
      ({ length }) => length >= count,
    )
  const confirm = async ({ token, made }: { token: string; made: Made }, code: string) => {
    const path = `/v1/alerts/${made.id}/confirm`
    const { status, body } = await ask<Made & { isConfirmed: boolean }>(
      accounts.url,
      'POST',
      path,
      {
        token,
        body: { code },
      },
    )
    return status === 200 ? body.isConfirmed : body.code
  }

  test('is asked once, by the mailer of the operator, and told nothing before it is confirmed', async () => {
    const to = 'ops@example.org'
    const alert = await create(6, { channel: 'email', target: to })
    expect(alert.made).toMatchObject({ secret: null, isConfirmed: false })
    const [letter] = await sent(to, 1)
    const { signature, body } = heardAt('/mailer').at(-1)!
    const [, t, v1] = /^t=(\d+),v1=(\w+)$/.exec(signature) ?? []
    expect(v1).toBe(macOf(signingKey, `${t}.${body}`))
    expect(letter).toMatchObject({ to, confirmation: { alert: alert.made.id } })
    // Another alert to it asks no second time, and a code that stands is not sent again.
    const second = await create(6, { channel: 'email', target: to, threshold: '6' })
    const again = `/v1/alerts/${second.made.id}/code`
    const asked = await ask<Made>(accounts.url, 'POST', again, { token: alert.token })
    expect(asked.body.code).toBe('ALREADY_THERE')
    await Bun.sleep(100)
    expect(mailsTo(to)).toHaveLength(1)
    const code = letter!.confirmation!.code
    expect(await confirm(alert, 'x'.repeat(64))).toBe('CODE_REFUSED')
    expect(await confirm(alert, code)).toBeTrue()
    const types = (await sent(to, 3)).slice(1).map((mail) => mail.alert?.type)
    expect(types).toEqual(['low-balance', 'low-balance'])
    expect(await confirm(alert, code)).toBe('CODE_REFUSED')
  })

  test('is confirmed for the account that has asked, and for no other', async () => {
    const to = 'two@example.org'
    const mine = await create(7, { channel: 'email', target: to })
    const theirs = await create(8, { channel: 'email', target: to })
    const letters = await sent(to, 2)
    const codeFor = ({ made }: { made: Made }) =>
      letters.find(({ confirmation }) => confirmation?.alert === made.id)!.confirmation!.code
    expect(await confirm(theirs, codeFor(mine))).toBe('CODE_REFUSED')
    expect(await confirm({ token: theirs.token, made: mine.made }, codeFor(mine))).toBe('NOT_FOUND')
    expect(await confirm(mine, codeFor(mine))).toBeTrue()
    await sent(to, 3)
    expect(mailsTo(to).filter(({ alert }) => alert !== undefined)).toHaveLength(1)
  })

  test('gets a new code when the last one has ended, which is then worth nothing', async () => {
    const to = 'late@example.org'
    const alert = await create(10, { channel: 'email', target: to })
    const [first] = await sent(to, 1)
    await until(alert.history, (list) => list[0]?.deliveredAt != null)
    clock.skipMs(86_400_000)
    expect(await confirm(await signedIn(alert, 10), first!.confirmation!.code)).toBe('CODE_REFUSED')
    const { token } = await signedIn(alert, 10)
    const path = `/v1/alerts/${alert.made.id}/code`
    expect((await ask(accounts.url, 'POST', path, { token })).status).toBe(202)
    const [, second] = await sent(to, 2)
    expect(await confirm({ ...alert, token }, second!.confirmation!.code)).toBeTrue()
    // There is nothing to confirm any more.
    const done = await ask<Made>(accounts.url, 'POST', path, { token })
    expect(done.body.code).toBe('ALREADY_THERE')
    // What it has missed; an answer of the next test is not for that.
    await sent(to, 3)
  })

  test('that a mailer could not be given is asked again when that is wished', async () => {
    answers = Array.from({ length: 3 }, () => () => new Response('', { status: 500 }))
    const to = 'lost@example.org'
    const alert = await create(11, { channel: 'email', target: to })
    for (let attempts = 1; attempts <= 3; attempts++) {
      await until(
        alert.history,
        (list) => list[0]?.attempts === attempts && list[0].problem !== null,
      )
      clock.skipMs(10_000)
    }
    await until(alert.history, (list) => list[0]?.isGivenUp === true)
    const path = `/v1/alerts/${alert.made.id}/code`
    expect((await ask(accounts.url, 'POST', path, { token: alert.token })).status).toBe(202)
    const letters = await sent(to, 4)
    expect(await confirm(alert, letters[0]!.confirmation!.code)).toBe('CODE_REFUSED')
    expect(await confirm(alert, letters[3]!.confirmation!.code)).toBeTrue()
    await sent(to, 5)
  })

  /** After so long a session has ended. */
  async function signedIn<T extends object>(alert: T, number: number) {
    const token = await signInAs(accounts.url, wallet(number), { nowMs: clock.wallMs() })
    return { ...alert, token }
  }
})

test('a key that has used much of its limit is told of, once', async () => {
  await using database = await openDatabase(postgres.url)
  const token = await signInAs(accounts.url, wallet(8), { nowMs: clock.wallMs() })
  const make = (path: string, body: object) =>
    ask<Made>(accounts.url, 'POST', path, { token, body })
  const project = await make('/v1/projects', { name: 'site' })
  const keysPath = `/v1/projects/${project.body.id}/keys`
  const free = await make(keysPath, { keyHash: newKeyHash(), name: 'free' })
  const settings = { keyHash: newKeyHash(), name: 'web', creditsPerDayMax: '1000' }
  const key = (await make(keysPath, settings)).body.id
  const wish = { channel: 'webhook', percent: 50, target: at('/calm') }
  const refused = await make(`/v1/keys/${free.body.id}/alerts`, wish)
  expect([refused.status, refused.body.code]).toEqual([400, 'MALFORMED'])
  const { body } = await make(`/v1/keys/${key}/alerts`, wish)
  expect(body).toMatchObject({ kind: 'key-limit', keyId: key, percent: 50, asset: null } as never)
  const nowMs = clock.wallMs()
  const epoch = await beginEpoch(database.sql, 'gw-2', { leaseMs: 30_000 })
  const own = () => heardAt('/calm').filter((letter) => letter.body.includes(key))
  for (const frame of [1, 2, 3]) {
    const usage = [lineOf(nameOf(wallet(8)), { key, ownPurse: true, credits: 300 })]
    const frames = { instance: 'gw-2', from: frame, to: frame, usage }
    await postUsage(database, postOf(epoch, frames), termsOf({ nowMs }))
    if (frame === 2) await until(own, ({ length }) => length > 0)
  }
  await Bun.sleep(300)
  expect(own()).toHaveLength(1)
  expect(JSON.parse(own()[0]!.body)).toMatchObject({
    ...{ type: 'key-limit', key, name: 'web', percent: 50, used: '600', limit: '1000' },
    day: new Date(nowMs).toISOString().slice(0, 10),
  })
})

test('credit that requests use up is told within seconds, once', async () => {
  await using database = await openDatabase(postgres.url)
  const owner = nameOf(wallet(7))
  const asset = { tokens: 100n, credits: 1_000n }
  await fund(database, owner, asset)
  const { made } = await create(7, { target: at('/used-up'), threshold: '50' })
  expect(made.isLow).toBeFalse()
  const epoch = await beginEpoch(database.sql, 'gw-1', { leaseMs: 30_000 })
  const use = async (frame: number, credits: number) => {
    const usage = [lineOf(owner, { credits })]
    await postUsage(database, postOf(epoch, { from: frame, to: frame, usage }), termsOf())
  }
  await use(1, 400)
  await use(2, 200)
  const [letter] = await until(
    () => heardAt('/used-up'),
    ({ length }) => length > 0,
  )
  expect(JSON.parse(letter!.body)).toMatchObject({ type: 'low-balance', credit: '40' })
  await use(3, 100)
  await Bun.sleep(300)
  expect(heardAt('/used-up')).toHaveLength(1)
})

test('the pause after a failure doubles up to an hour', () => {
  expect([1, 2, 3, 20].map((attempts) => retryPauseMs(attempts, 10_000))).toEqual([
    10_000, 20_000, 40_000, 3_600_000,
  ])
})

test('what a killed process had in its hands is delivered by the next one', async () => {
  await accounts.stop('test')
  const url = await postgres.createDatabase('restart')
  const config = {
    databaseUrl: url,
    signIn: { chainId, rpcUrl: 'http://127.0.0.1:1' },
    alerts: { ...alerts, timeoutMs: 5_000 },
  }
  const start = () => startAccountsProcess({ config })
  await (await openDatabase(url)).close()
  await using sql = new SQL(url, { max: 1 })
  const name = `eip155:1:0x${'ab'.repeat(20)}`
  await sql`insert into accounts (name, created_at) values (${name}, now())`
  const targets = ['/k1', '/k2', '/k3', '/k4', '/k5'].map(at)
  for (const target of targets) {
    await sql`insert into alerts (account, asset, threshold, channel, target, is_low, created_at) values (${name}, 'ankr', 5, 'webhook', ${target}, true, now())`
  }
  await sql`insert into outbox (alert_id, body, created_at, next_attempt_at) select id, '{}', now(), now() from alerts`
  // It is killed with all five on their way: the receiver answers none of them.
  answers = targets.map(() => () => new Promise<Response>(() => {}))
  const first = await start()
  await until(
    () => heard.filter(({ path }) => path.startsWith('/k')),
    ({ length }) => length === 5,
  )
  first.kill()
  await first.ended
  // Nothing is left to stop but what it was configured with.
  await first.stop()
  // The leases of the dead one end.
  await sql`update outbox set next_attempt_at = now()`
  answers = []
  await using _second = await start()
  const left = async () =>
    (await sql`select count(*)::int as left from outbox where delivered_at is null`)[0]
      .left as number
  await until(left, (count) => count === 0)
  const deliveries = heard
    .filter(({ path }) => path.startsWith('/k'))
    .map(({ path, delivery }) => `${path} ${delivery}`)
  // Twice each, and by the same name, so that whoever hears it can tell.
  expect(deliveries).toHaveLength(10)
  expect(new Set(deliveries).size).toBe(5)
  accounts = await startForTest(postgres.url, { clock, alerts })
}, 20_000)
