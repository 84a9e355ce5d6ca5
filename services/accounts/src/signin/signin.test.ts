import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { SiweMessage } from 'siwe'
import {
  ask,
  chainId,
  movableClock,
  nameOf,
  signInAs,
  signInMessage,
  startForTest,
  wallet,
} from '../accounts.fixtures.ts'
import type { Accounts } from '../accounts.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let postgres: Postgres
const clock = movableClock()
let accounts: Accounts
beforeAll(async () => {
  postgres = await startPostgres()
  accounts = await startForTest(postgres.url, {
    clock,
    signIn: { origins: ['https://app.example.org'] },
  })
})
afterAll(async () => {
  await accounts?.stop('test')
  await postgres?.stop()
})

type Problem = { code: string; detail: string; type: string; status: number }
const signer = wallet(1)

async function post(message: string, signature: string) {
  return await ask<Problem & { token: string }>(accounts.url, 'POST', '/v1/auth/siwe', {
    body: { message, signature },
  })
}

async function signed(options: Parameters<typeof signInMessage>[2] = {}) {
  const message = await signInMessage(accounts.url, signer.address, {
    nowMs: clock.wallMs(),
    ...options,
  })
  return { message, signature: await signer.signMessage({ message }) }
}

describe('a message of ours', () => {
  test('is parsed and verified by the library of the standard', async () => {
    const { message, signature } = await signed()
    const theirs = new SiweMessage(message)
    expect(theirs.prepareMessage()).toBe(message)
    const time = new Date(clock.wallMs()).toISOString()
    const verified = await theirs.verify({
      signature,
      time,
      nonce: theirs.nonce,
      domain: theirs.domain,
    })
    expect(verified.success).toBeTrue()
    expect((await post(message, signature)).status).toBe(200)
  })

  test('written by that library signs in', async () => {
    const { body } = await ask<{ nonce: string; domain: string; uri: string }>(
      accounts.url,
      'POST',
      '/v1/auth/nonce',
    )
    const message = new SiweMessage({
      ...body,
      address: signer.address,
      chainId,
      version: '1',
      statement: 'Sign in.',
      issuedAt: new Date(clock.wallMs()).toISOString(),
      expirationTime: new Date(clock.wallMs() + 60_000).toISOString(),
      requestId: '7',
      resources: ['https://example.org/terms'],
    }).prepareMessage()
    const signature = await signer.signMessage({ message })
    expect((await post(message, signature)).status).toBe(200)
  })

  test('signs in from a page that is configured', async () => {
    const changes = { domain: 'app.example.org', uri: 'https://app.example.org/' }
    const { message, signature } = await signed({ changes })
    expect((await post(message, signature)).status).toBe(200)
  })
})

describe('a sign-in is refused', () => {
  test('the second time', async () => {
    const { message, signature } = await signed()
    expect((await post(message, signature)).status).toBe(200)
    expect((await post(message, signature)).body).toMatchObject({
      code: 'SIGN_IN_REFUSED',
      status: 401,
      detail: expect.stringContaining('nonce'),
    })
  })

  test('but once, when it is sent many times at once', async () => {
    const { message, signature } = await signed()
    const answers = await Promise.all([1, 2, 3, 4, 5, 6].map(() => post(message, signature)))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('with a nonce that this service never gave', async () => {
    const { message, signature } = await signed({ changes: { nonce: 'f'.repeat(32) } })
    expect((await post(message, signature)).body.detail).toContain('nonce')
  })

  test('when its nonce has ended', async () => {
    const own = movableClock(clock.wallMs())
    await using late = await startForTest(postgres.url, { clock: own })
    const message = await signInMessage(late.url, signer.address, { nowMs: own.wallMs() + 20_000 })
    const signature = await signer.signMessage({ message })
    own.skipMs(300_000)
    const { body } = await ask<Problem>(late.url, 'POST', '/v1/auth/siwe', {
      body: { message, signature },
    })
    expect(body.detail).toContain('nonce was used or has ended')
  })

  test('with the signature of another wallet, and its nonce is spent', async () => {
    const { message } = await signed()
    const theirs = await wallet(2).signMessage({ message })
    expect((await post(message, theirs)).status).toBe(503)
    const ours = await signer.signMessage({ message })
    expect((await post(message, ours)).body.detail).toContain('nonce')
  })

  // Every field of the standard, changed after it was signed.
  const mutations: [string, (message: string) => string][] = [
    [
      'domain',
      (text) =>
        text.replace(/^\S+/, 'app.example.org').replace(/URI: \S+/, 'URI: https://app.example.org'),
    ],
    ['address', (text) => text.replace(signer.address, wallet(2).address)],
    ['statement', (text) => text.replace('Sign in', 'Sign on')],
    ['URI', (text) => text.replace(/URI: (\S+)/, 'URI: $1/other')],
    ['version', (text) => text.replace('Version: 1', 'Version: 2')],
    ['chain', (text) => text.replace(`Chain ID: ${chainId}`, 'Chain ID: 1')],
    [
      'nonce',
      (text) => text.replace(/Nonce: (.)/, (_, first) => `Nonce: ${first === '0' ? '1' : '0'}`),
    ],
    ['issued-at', (text) => text.replace(/Issued At: (.*)\.000Z/, 'Issued At: $1.001Z')],
    ['expiration', (text) => text.replace(/Expiration Time: 2026/, 'Expiration Time: 2027')],
    ['not-before', (text) => text.replace(/Not Before: 2026/, 'Not Before: 2025')],
    ['request id', (text) => text.replace('Request ID: 1', 'Request ID: 2')],
    ['resources', (text) => text.replace('https://example.org/a', 'https://example.org/b')],
  ]
  test.each(mutations)('when its %s is another one than was signed', async (_field, mutate) => {
    const { message, signature } = await signed({
      changes: {
        expirationTime: new Date(clock.wallMs() + 60_000),
        notBefore: new Date(clock.wallMs() - 60_000),
        requestId: '1',
        resources: ['https://example.org/a'],
      },
    })
    const changed = mutate(message)
    expect(changed).not.toBe(message)
    const { status } = await post(changed, signature)
    // 503: a signature that is no key's could be a contract's, and the node of this test answers nothing.
    expect([401, 503]).toContain(status)
  })

  const skews = [-2 * 3_600_000, 2 * 3_600_000]
  test.each(skews)(
    'when the clock of its wallet is off by %d ms, though it is right again later',
    async (skewMs) => {
      const { message, signature } = await signed({ nowMs: clock.wallMs() + skewMs })
      expect((await post(message, signature)).body.detail).toContain('issued')
      const right = await signed()
      expect((await post(right.message, right.signature)).status).toBe(200)
    },
  )

  test('with a body that is none of ours', async () => {
    const bodies = [{}, { message: 1, signature: '0x00' }, { message: 'x', signature: 'no' }, []]
    for (const body of bodies) {
      const answer = await ask<Problem>(accounts.url, 'POST', '/v1/auth/siwe', { body })
      expect(answer.body.code).toBe('MALFORMED')
    }
  })
})

describe('a session', () => {
  const account = (token: string) => ask<Problem>(accounts.url, 'GET', '/v1/account', { token })

  test('ends when it is not used for a day, and after seven days', async () => {
    const own = movableClock(clock.wallMs())
    await using service = await startForTest(postgres.url, { clock: own })
    const at = async (token: string) =>
      (await ask(service.url, 'GET', '/v1/account', { token })).status
    const idle = await signInAs(service.url, signer, { nowMs: own.wallMs() })
    own.skipMs(86_400_000 - 1)
    expect(await at(idle)).toBe(200)
    own.skipMs(86_400_000)
    expect(await at(idle)).toBe(401)
    const busy = await signInAs(service.url, signer, { nowMs: own.wallMs() })
    for (let halfDays = 0; halfDays < 13; halfDays++) {
      own.skipMs(43_200_000)
      expect(await at(busy)).toBe(200)
    }
    own.skipMs(43_200_000)
    expect(await at(busy)).toBe(401)
  })

  test('of a service whose clock jumps two hours lives, and its nonces do not', async () => {
    const own = movableClock(clock.wallMs())
    await using service = await startForTest(postgres.url, { clock: own })
    const token = await signInAs(service.url, signer, { nowMs: own.wallMs() })
    const message = await signInMessage(service.url, signer.address, { nowMs: own.wallMs() })
    const signature = await signer.signMessage({ message })
    own.skipMs(2 * 3_600_000)
    expect((await ask(service.url, 'GET', '/v1/account', { token })).status).toBe(200)
    const late = await ask(service.url, 'POST', '/v1/auth/siwe', { body: { message, signature } })
    expect(late.status).toBe(401)
    own.skipMs(-2 * 3_600_000)
    expect((await ask(service.url, 'GET', '/v1/account', { token })).status).toBe(200)
  })

  test('is ended by its logout, by name, or with all others', async () => {
    const [one, two, three] = await Promise.all(
      [1, 2, 3].map(() => signInAs(accounts.url, wallet(7))),
    )
    await ask(accounts.url, 'POST', '/v1/auth/logout', { token: one })
    expect((await account(one!)).body.code).toBe('NOT_SIGNED_IN')
    const { body } = await ask<{ session: { id: string } }>(
      accounts.url,
      'GET',
      '/v1/auth/session',
      { token: two },
    )
    await ask(accounts.url, 'DELETE', `/v1/auth/sessions/${body.session.id}`, { token: three })
    expect((await account(two!)).status).toBe(401)
    await ask(accounts.url, 'DELETE', '/v1/auth/sessions', { token: three })
    expect((await account(three!)).status).toBe(401)
  })

  test.each(['', 'x', 'A'.repeat(43), '../../etc'])(
    'that never was, %p, is told to sign in',
    async (token) => {
      const { status, body, headers } = await account(token)
      expect([status, body.code]).toEqual([401, 'NOT_SIGNED_IN'])
      expect(headers.get('content-type')).toBe('application/problem+json')
      expect(headers.get('www-authenticate')).toContain('Bearer')
    },
  )
})

describe('an account', () => {
  test('and its premium id are made at the first sign-in, and stay', async () => {
    const read = async () => {
      const token = await signInAs(accounts.url, wallet(8))
      return (
        await ask<{ account: string; premiumId: string }>(accounts.url, 'GET', '/v1/account', {
          token,
        })
      ).body
    }
    const first = await read()
    expect(first).toMatchObject({
      account: nameOf(wallet(8)),
      premiumId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    })
    expect(await read()).toEqual(first)
  })
})

describe('sign-ins are limited', () => {
  test('for one network, whichever addresses of a /64 it comes from', async () => {
    await using service = await startForTest(postgres.url, {
      trustedProxyHops: 1,
      signIn: { attemptsPerMinuteMax: 3 },
    })
    const from = (address: string) =>
      ask<Problem>(service.url, 'POST', '/v1/auth/nonce', {
        headers: { 'x-forwarded-for': address },
      })
    const statuses: number[] = []
    for (const end of ['1', '2', '3', '4']) statuses.push((await from(`2001:db8::${end}`)).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    const refused = await from('2001:db8::5')
    expect(refused.body.code).toBe('RATE_LIMITED')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await from('2001:db8:0:1::1')).status).toBe(200)
  })

  test('for one account, and only by sign-ins that were right', async () => {
    await using service = await startForTest(postgres.url, { signIn: { signInsPerMinuteMax: 2 } })
    const attempt = async (by: ReturnType<typeof wallet>) => {
      const message = await signInMessage(service.url, signer.address)
      const signature = await by.signMessage({ message })
      return (await ask(service.url, 'POST', '/v1/auth/siwe', { body: { message, signature } }))
        .status
    }
    for (let at = 0; at < 5; at++) expect(await attempt(wallet(2))).toBe(503)
    expect([await attempt(signer), await attempt(signer), await attempt(signer)]).toEqual([
      200, 200, 429,
    ])
  })
})

test('a message in another form that a parser might take is refused', async () => {
  const { message } = await signed()
  const odd = message.replace('\n\nSign', '\n\n\nSign')
  const signature = await signer.signMessage({ message: odd })
  expect((await post(odd, signature)).body.detail).toContain('form')
})
