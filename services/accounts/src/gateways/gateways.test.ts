import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { AccessChanges, AccountAnswer, KeyRecord } from '@mooring/protocol/access/key-record'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import {
  ask,
  gatewayCredential,
  movableClock,
  nameOf,
  newKeyHash,
  signInAs,
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
  accounts = await startForTest(postgres.url, { clock })
})
afterAll(async () => {
  await accounts?.stop('test')
  await postgres?.stop()
})

function asGateway<T extends object>(path: string, token: string | undefined = gatewayCredential) {
  return ask<T>(accounts.gatewayUrl, 'GET', path, { token })
}

async function newKey(number: number) {
  const token = await signInAs(accounts.url, wallet(number))
  const name = `p${crypto.randomUUID()}`
  const project = await ask<{ id: string }>(accounts.url, 'POST', '/v1/projects', {
    token,
    body: { name },
  })
  const keyHash = newKeyHash()
  const key = await ask<{ id: string }>(
    accounts.url,
    'POST',
    `/v1/projects/${project.body.id}/keys`,
    {
      token,
      body: { keyHash, name: 'web', restrictions: { chains: ['eth'] }, creditsPerDayMax: '5' },
    },
  )
  return { token, keyHash, keyId: key.body.id }
}

const act = (token: string, path: string, body: object = {}) =>
  ask(accounts.url, 'POST', path, { token, body })

describe('a gateway', () => {
  test('learns a key by its hash', async () => {
    const { keyHash, keyId } = await newKey(1)
    const { status, body } = await asGateway<KeyRecord>(`/v1/gateway/keys/${keyHash}`)
    expect(status).toBe(200)
    expect(body).toEqual({
      id: keyId,
      keyHash,
      account: nameOf(wallet(1)),
      name: 'web',
      status: 'active',
      expiresAt: null,
      restrictions: { origins: [], addresses: [], contracts: [], methods: [], chains: ['eth'] },
      creditsPerDayMax: '5',
    })
  })

  test('learns an account by its name, however it is written in the path', async () => {
    await newKey(2)
    for (const name of [nameOf(wallet(2)), encodeURIComponent(nameOf(wallet(2)))]) {
      const { body } = await asGateway<AccountAnswer>(`/v1/gateway/accounts/${name}`)
      expect(body).toEqual({
        record: { account: nameOf(wallet(2)), tier: 'community', status: 'active' },
        tokens: [],
      })
    }
  })

  test('is told what is not there', async () => {
    for (const path of [
      `keys/${newKeyHash()}`,
      'keys/x',
      `accounts/${nameOf(wallet(9))}`,
      'accounts/x',
      'else',
    ]) {
      expect((await asGateway(`/v1/gateway/${path}`)).status).toBe(404)
    }
  })

  test.each(['keys/x', 'accounts/x', 'changes'])(
    'without a credential learns nothing of %s',
    async (path) => {
      for (const token of [
        '',
        'another-credential-of-32-characters!',
        await signInAs(accounts.url, wallet(1)),
      ]) {
        expect((await asGateway(`/v1/gateway/${path}`, token)).status).toBe(401)
      }
    },
  )

  test('is not served where people are', async () => {
    const { status } = await ask(accounts.url, 'GET', '/v1/gateway/changes', {
      token: gatewayCredential,
    })
    expect(status).toBe(404)
  })
})

describe('the changes', () => {
  const changes = (query: string) => asGateway<AccessChanges>(`/v1/gateway/changes${query}`)
  const cursorNow = async () => (await changes('')).body.cursor

  test('are told at once to who waits', async () => {
    const { token, keyHash, keyId } = await newKey(3)
    const after = await cursorNow()
    const waiting = changes(`?after=${after}&waitMs=20000`)
    // Begins to wait before anything happens.
    await Bun.sleep(50)
    await act(token, `/v1/keys/${keyId}/freeze`)
    const { body } = await waiting
    expect(body.changes).toEqual([{ kind: 'key', keyHash }])
    expect((await asGateway<KeyRecord>(`/v1/gateway/keys/${keyHash}`)).body.status).toBe('frozen')
  })

  test('hold rotation, revocation and the freezing of an account, in order', async () => {
    const { token, keyHash, keyId } = await newKey(4)
    const after = await cursorNow()
    const next = newKeyHash()
    await act(token, `/v1/keys/${keyId}/rotate`, { keyHash: next, overlapSeconds: 60 })
    await act(token, `/v1/keys/${keyId}/revoke`)
    await ask(accounts.url, 'PATCH', '/v1/account', { token, body: { isFrozen: true } })
    const { body } = await changes(`?after=${after}`)
    const told = body.changes.map((change) =>
      change.kind === 'key' ? change.keyHash : change.account,
    )
    expect(told.slice(0, 2).sort()).toEqual([keyHash, next].sort())
    expect(told.slice(2, 4).sort()).toEqual([keyHash, next].sort())
    expect(told.slice(4)).toEqual([nameOf(wallet(4))])
    const old = await asGateway<KeyRecord>(`/v1/gateway/keys/${keyHash}`)
    expect(old.body).toMatchObject({
      status: 'revoked',
      expiresAt: Math.floor(clock.wallMs() / 1_000) + 60,
    })
    const account = await asGateway<AccountAnswer>(`/v1/gateway/accounts/${nameOf(wallet(4))}`)
    expect(account.body.record.status).toBe('frozen')
  })

  test('are none by the end of the wait', async () => {
    const cursor = await cursorNow()
    expect((await changes(`?after=${cursor}&waitMs=50`)).body).toEqual({
      cursor,
      reset: false,
      changes: [],
    })
  })

  test('are a reset for a cursor of another feed', async () => {
    expect((await changes('?after=nonsense&waitMs=20000')).body.reset).toBeTrue()
  })

  test('are answered to who waits when the service stops', async () => {
    const service = await startForTest(postgres.url, { clock })
    const after = await cursorNow()
    const path = `/v1/gateway/changes?after=${after}&waitMs=30000`
    const waiting = ask<AccessChanges>(service.gatewayUrl, 'GET', path, {
      token: gatewayCredential,
    })
    await Bun.sleep(100)
    await service.stop('test')
    expect(await waiting).toMatchObject({ status: 200, body: { cursor: after, changes: [] } })
  })

  test('are heard by every process on the same database', async () => {
    await using second = await startForTest(postgres.url, { clock })
    const { token, keyId, keyHash } = await newKey(5)
    const after = await cursorNow()
    const waiting = ask<AccessChanges>(
      second.gatewayUrl,
      'GET',
      `/v1/gateway/changes?after=${after}&waitMs=20000`,
      {
        token: gatewayCredential,
      },
    )
    await Bun.sleep(50)
    await act(token, `/v1/keys/${keyId}/freeze`)
    expect((await waiting).body.changes).toEqual([{ kind: 'key', keyHash }])
  })
})

test('an operator sees health, readiness and meters without a credential', async () => {
  expect((await asGateway<{ ok: boolean }>('/health')).body.ok).toBeTrue()
  expect((await asGateway<{ ok: boolean }>('/ready')).body.ok).toBeTrue()
  const meters = await (await fetch(`${accounts.gatewayUrl}/metrics`)).text()
  expect(meters).toContain('accounts_sign_ins_total{wallet="key"}')
})
