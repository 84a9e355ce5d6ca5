import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import {
  ask,
  newKeyHash,
  signInAs,
  signInMessage,
  startForTest,
  wallet,
} from '../accounts.fixtures.ts'
import type { Accounts } from '../accounts.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let postgres: Postgres
const page = 'https://app.example.org'
let accounts: Accounts
beforeAll(async () => {
  postgres = await startPostgres()
  accounts = await startForTest(postgres.url, { signIn: { origins: [page] } })
})
afterAll(async () => {
  await accounts?.stop('test')
  await postgres?.stop()
})

type Problem = { code: string; detail: string; status: number; title: string; type: string }

describe('a page', () => {
  const preflight = (origin: string) =>
    fetch(`${accounts.url}/v1/projects`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,mooring-csrf',
      },
    })

  test('that is configured may call from a browser', async () => {
    const { headers } = await preflight(page)
    expect(headers.get('access-control-allow-origin')).toBe(page)
    expect(headers.get('access-control-allow-credentials')).toBe('true')
  })

  test.each([
    'https://evil.example',
    'null',
    `${page}.evil.example`,
    'http://app.example.org',
    `${page}:8443`,
  ])('at %s may not', async (origin) => {
    expect((await preflight(origin)).headers.get('access-control-allow-origin')).toBeNull()
    const answer = await fetch(`${accounts.url}/v1/auth/nonce`, {
      method: 'POST',
      headers: { origin },
    })
    expect(answer.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('a cookie', () => {
  async function signInForCookie(url = accounts.url) {
    const message = await signInMessage(url, wallet(1).address)
    const signature = await wallet(1).signMessage({ message })
    const answer = await ask<{ token: string; csrf: string }>(url, 'POST', '/v1/auth/siwe', {
      body: { message, signature },
    })
    return { ...answer.body, setCookie: answer.headers.get('set-cookie') ?? '' }
  }

  test('is kept from scripts and from other sites', async () => {
    const { setCookie } = await signInForCookie()
    expect(setCookie).toContain('HttpOnly')
    expect(setCookie).toContain('SameSite=Strict')
    expect(setCookie).toContain('Path=/')
  })

  test('of a service with TLS comes from this very host and over TLS alone', async () => {
    await using service = await startForTest(postgres.url, {
      signIn: { publicUrl: 'https://accounts.example.org' },
    })
    const { setCookie } = await signInForCookie(service.url)
    expect(setCookie).toStartWith('__Host-mooring_session=')
    expect(setCookie).toContain('Secure')
    expect(setCookie).not.toContain('Domain')
  })

  test('reads, and changes something only with the token that its page knows', async () => {
    const { token, csrf } = await signInForCookie()
    const cookie = `other=1; mooring_session=${token}`
    const read = await ask<{ csrf: string }>(accounts.url, 'GET', '/v1/auth/session', {
      headers: { cookie },
    })
    expect([read.status, read.body.csrf]).toEqual([200, csrf])
    const change = (headers: Record<string, string>) =>
      ask<Problem>(accounts.url, 'PATCH', '/v1/account', {
        body: { title: 'x' },
        headers: { cookie, ...headers },
      })
    expect((await change({})).body.code).toBe('CROSS_SITE')
    expect((await change({ 'mooring-csrf': token })).body.code).toBe('CROSS_SITE')
    expect((await change({ 'mooring-csrf': csrf })).status).toBe(200)
  })

  test('is gone after the logout', async () => {
    const { token, csrf } = await signInForCookie()
    const headers = { cookie: `mooring_session=${token}`, 'mooring-csrf': csrf }
    const answer = await ask(accounts.url, 'POST', '/v1/auth/logout', { headers })
    expect(answer.headers.get('set-cookie')).toContain('Max-Age=0')
    expect((await ask(accounts.url, 'GET', '/v1/account', { headers })).status).toBe(401)
  })
})

describe('every answer', () => {
  test('is kept by nobody in between', async () => {
    const token = await signInAs(accounts.url, wallet(1))
    for (const path of ['/v1/account', '/v1/openapi.json', '/v1/nothing', '/v1/projects/x']) {
      const { headers } = await ask(accounts.url, 'GET', path, { token })
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  test('that refuses is a problem document', async () => {
    const { status, body, headers } = await ask<Problem>(accounts.url, 'GET', '/v1/nothing')
    expect(headers.get('content-type')).toBe('application/problem+json')
    expect([status, body.status, body.code]).toEqual([404, 404, 'NOT_FOUND'])
    expect(body.type).toBe('urn:mooring:accounts:NOT_FOUND')
  })
})

describe('a request is refused', () => {
  const send = async (init: RequestInit & { path?: string }) => {
    const token = await signInAs(accounts.url, wallet(1))
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(init.headers as object),
    }
    const answer = await fetch(`${accounts.url}${init.path ?? '/v1/projects'}`, {
      method: 'POST',
      ...init,
      headers,
    })
    return (await answer.json()) as Problem
  }

  test('when its body is no JSON, or does not say that it is', async () => {
    expect((await send({ body: '{' })).code).toBe('MALFORMED')
    expect(
      (await send({ body: '{"name":"a"}', headers: { 'content-type': 'text/plain' } })).code,
    ).toBe('MALFORMED')
  })

  test('when it has a member that means nothing here, and its name is not repeated', async () => {
    const problem = await send({ body: JSON.stringify({ name: 'a', 'canary-71f': 1 }) })
    expect(problem.code).toBe('MALFORMED')
    expect(problem.detail).not.toContain('canary')
  })

  test('when its body is too large, whether it says how large or not', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(70_000) })
    expect((await send({ body: large })).code).toBe('BODY_TOO_LARGE')
    expect((await send({ body: JSON.stringify({ name: 'x'.repeat(900_000) }) })).code).toBe(
      'BODY_TOO_LARGE',
    )
    const stream = new ReadableStream({
      start(out) {
        out.enqueue(new TextEncoder().encode(large))
        out.close()
      },
    })
    expect((await send({ body: stream })).code).toBe('BODY_TOO_LARGE')
  })

  test('when it names an id in another form', async () => {
    expect((await send({ method: 'GET', path: `/v1/projects/1'--` })).code).toBe('MALFORMED')
  })

  test('when names hold what cannot be seen', async () => {
    for (const name of ['', ' a', 'a\n', '\u202egnp', 'a\u0000', 'x'.repeat(65)]) {
      expect((await send({ body: JSON.stringify({ name }) })).code).toBe('MALFORMED')
    }
  })

  test('when one network asks too often', async () => {
    await using service = await startForTest(postgres.url, { requestsPerMinuteMax: 2 })
    const statuses = []
    for (let at = 0; at < 3; at++)
      statuses.push((await ask(service.url, 'GET', '/v1/openapi.json')).status)
    expect(statuses).toEqual([200, 200, 429])
  })
})

test('keys of one account change so often a minute, and are stopped at any time', async () => {
  await using service = await startForTest(postgres.url, { keyChangesPerMinuteMax: 4 })
  const token = await signInAs(service.url, wallet(7))
  const post = (path: string, body?: object) =>
    ask<{ id: string; status: string; code?: string }>(service.url, 'POST', path, { token, body })
  const project = await post('/v1/projects', { name: 'turning' })
  const keys = `/v1/projects/${project.body.id}/keys`
  const made = await post(keys, { keyHash: newKeyHash(), name: 'a' })
  const turn = async (verb: string) => (await post(`/v1/keys/${made.body.id}/${verb}`)).body
  for (let at = 0; at < 3; at++) {
    expect((await turn('freeze')).status).toBe('frozen')
    expect((await turn('unfreeze')).status).toBe('active')
  }
  expect((await turn('freeze')).status).toBe('frozen')
  expect(await turn('unfreeze')).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 15 })
  const rotation = { keyHash: newKeyHash(), overlapSeconds: 0 }
  const more = [
    post(keys, { keyHash: newKeyHash(), name: 'b' }),
    post(`/v1/keys/${made.body.id}/rotate`, rotation),
    ask<Problem>(service.url, 'PATCH', `/v1/keys/${made.body.id}`, { token, body: { name: 'c' } }),
  ]
  for (const { body } of await Promise.all(more)) expect(body.code).toBe('RATE_LIMITED')
  expect((await turn('revoke')).status).toBe('revoked')
  const other = await signInAs(service.url, wallet(8))
  const theirs = await ask<{ id: string }>(service.url, 'POST', '/v1/projects', {
    ...{ token: other, body: { name: 'turning' } },
  })
  const path = `/v1/projects/${theirs.body.id}/keys`
  const body = { keyHash: newKeyHash(), name: 'd' }
  expect((await ask(service.url, 'POST', path, { token: other, body })).status).toBe(201)
})
