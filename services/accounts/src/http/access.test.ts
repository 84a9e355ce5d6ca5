import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type Postgres, startPostgres } from '@mooring/store/embedded/postgres'
import { type Role, roles } from '@mooring/store/team'
import { SQL } from 'bun'
import {
  ask,
  movableClock,
  nameOf,
  signInAs,
  startForTest,
  testConfig,
  wallet,
} from '../accounts.fixtures.ts'
import type { Accounts } from '../accounts.ts'
import { bodyFor, type Estate, pathWith, type Route, routesOf, settle } from './api.fixtures.ts'
import { createPublicApp } from './public.ts'
import { type Permission, permissions } from './roles.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let postgres: Postgres
const alerts = { signingKey: 'a-signing-key-of-more-than-32-characters', allowLoopback: true }
let accounts: Accounts
let routes: Route[]
let alice: Estate
let bob: Estate
beforeAll(async () => {
  postgres = await startPostgres()
  accounts = await startForTest(postgres.url, { alerts })
  routes = await routesOf(accounts.url)
  alice = await settle(accounts.url, wallet(1), wallet(5))
  bob = await settle(accounts.url, wallet(2), wallet(6))
})
afterAll(async () => {
  await accounts?.stop('test')
  await postgres?.stop()
})

type Problem = { code: string; detail: string }

/** Calls a route with what stands at one account, as somebody else. */
async function call(route: Route, estate: Estate, as: { token?: string; account?: string }) {
  const { method, path, operation } = route
  const body = bodyFor(operation.operationId, estate.account)
  if (operation.requestBody !== undefined && operation.security !== undefined) {
    expect(body, `tests know no body for ${operation.operationId}`).toBeDefined()
  }
  return await ask<Problem>(accounts.url, method, pathWith(path, estate.ids), { ...as, body })
}

/** All rows of all tables that hold what accounts own, so that any change shows. */
async function everything(): Promise<string> {
  await using sql = new SQL(postgres.url, { max: 1 })
  const tables = await sql<{ name: string }[]>`
    select tablename::text as name from pg_tables where schemaname = 'public' order by 1`
  const parts: string[] = []
  for (const { name } of tables) {
    // Sessions note when they were used, and the outbox when it tried.
    if (name === 'sessions' || name === 'outbox' || name === 'nonces') continue
    const rows = await sql`select to_jsonb(t)::text as row from ${sql(name)} as t order by 1`
    parts.push(`${name}: ${rows.map(({ row }: { row: string }) => row).join('\n')}`)
  }
  return parts.join('\n\n')
}

const guarded = () => routes.filter(({ operation }) => operation.security !== undefined)
const ofAccounts = () =>
  guarded().filter(({ operation }) => typeof operation['x-mooring-permission'] === 'string')

describe('the description of the API', () => {
  test('has every route, each guarded but those that sign in', () => {
    const open = routes.filter(({ operation }) => operation.security === undefined)
    expect(open.map(({ operation }) => operation.operationId).sort()).toEqual([
      'createNonce',
      'signIn',
    ])
    expect(ofAccounts().length).toBeGreaterThan(20)
    for (const { operation } of ofAccounts()) {
      expect(permissions).toContain(operation['x-mooring-permission'] as Permission)
    }
  })

  test('has every route that the service answers', async () => {
    const config = testConfig(postgres.url, { alerts })
    // No request is made, so that nothing else of it is used.
    const app = createPublicApp({ config, clock: movableClock(), origin: () => '' } as never)
    const served = app.routes
      .filter(({ method }) => method !== 'ALL')
      .map(({ method, path }) => `${method} ${path}`)
    const described = routes.map(
      ({ method, path }) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
    )
    const undescribed = [...new Set(served)].filter((route) => !described.includes(route))
    expect(undescribed).toEqual(['GET /v1/openapi.json'])
  })
})

describe('somebody else', () => {
  test('who has not signed in is told to at every route', async () => {
    const before = await everything()
    for (const route of guarded()) {
      const { status, body } = await call(route, alice, {})
      expect([route.operation.operationId, status, body.code]).toEqual([
        route.operation.operationId,
        401,
        'NOT_SIGNED_IN',
      ])
    }
    expect(await everything()).toBe(before)
  })

  test('who names another account is no member of it at any route', async () => {
    const before = await everything()
    for (const route of ofAccounts()) {
      const as = { token: bob.token, account: alice.account }
      const { status, body } = await call(route, alice, as)
      expect([route.operation.operationId, status, body.code]).toEqual([
        route.operation.operationId,
        403,
        'NOT_ALLOWED',
      ])
    }
    expect(await everything()).toBe(before)
  })

  test('is told the same of an account that does not exist', async () => {
    const nobody = nameOf({ address: `0x${'77'.repeat(20)}` })
    const answers = await Promise.all(
      [alice.account, nobody, 'eip155:1', 'x'].map((account) =>
        ask<Problem>(accounts.url, 'GET', '/v1/account', { token: bob.token, account }),
      ),
    )
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.detail}`)).size).toBe(1)
  })

  test('who knows the ids of another account finds nothing there at any route', async () => {
    const before = await everything()
    const named = guarded().filter(({ path }) => path.includes('{'))
    expect(named.length).toBeGreaterThan(12)
    for (const route of named) {
      const { status, body } = await call(route, alice, { token: bob.token })
      expect([route.operation.operationId, status, body.code]).toEqual([
        route.operation.operationId,
        404,
        'NOT_FOUND',
      ])
    }
    expect(await everything()).toBe(before)
  })

  test('sees nothing of another account in what is their own', async () => {
    const secrets = [alice.account, ...Object.values(alice.ids)]
    for (const route of guarded().filter(
      ({ method, path }) => method === 'GET' && !path.includes('{'),
    )) {
      const { status, body } = await call(route, bob, { token: bob.token })
      expect(status).toBe(200)
      for (const secret of secrets) expect(JSON.stringify(body)).not.toContain(secret)
    }
  })

  test('cannot accept, decline or see an invitation that is not theirs', async () => {
    const before = await everything()
    const body = { account: alice.account }
    for (const path of ['/v1/memberships/accept', '/v1/memberships/leave']) {
      const answer = await ask<Problem>(accounts.url, 'POST', path, { token: bob.token, body })
      expect(answer.body.code).toBe('NOT_FOUND')
    }
    const mine = await ask(accounts.url, 'GET', '/v1/memberships', { token: bob.token })
    expect(JSON.stringify(mine.body)).not.toContain(alice.account)
    expect(await everything()).toBe(before)
  })

  test('who is invited and has not accepted is nobody yet', async () => {
    const token = await signInAs(accounts.url, wallet(5))
    const answer = await ask<Problem>(accounts.url, 'GET', '/v1/account', {
      token,
      account: alice.account,
    })
    expect(answer.body.code).toBe('NOT_ALLOWED')
  })
})

describe('a role', () => {
  /** What is promised; the code has its own table. */
  const promised: Record<Exclude<Role, 'owner'>, string[]> = {
    admin: [...permissions],
    developer: [
      'account:read',
      'keys:write',
      'projects:read',
      'projects:write',
      'team:read',
      'tokens:write',
      'usage:read',
    ],
    finance: [
      'account:read',
      'alerts:read',
      'alerts:write',
      'billing:read',
      'deposits:read',
      'deposits:write',
      'team:read',
      'usage:read',
    ],
  }
  const members = { admin: 20, developer: 21, finance: 22 } as const

  test.each(Object.keys(promised) as (keyof typeof promised)[])(
    '%s may do what it is for, and nothing else',
    async (role) => {
      const guest = wallet(members[role])
      const token = await signInAs(accounts.url, guest)
      const { status } = await ask(accounts.url, 'POST', '/v1/team', {
        token: alice.token,
        body: { address: guest.address, role },
      })
      expect(status).toBe(201)
      await ask(accounts.url, 'POST', '/v1/memberships/accept', {
        token,
        body: { account: alice.account },
      })
      const allowed = new Set<string>()
      const refused = new Set<string>()
      for (const route of ofAccounts()) {
        // Ids of nothing: a role is asked before anything is looked for, and nothing is to be broken here.
        const nothing = { ...alice, ids: { ...ghosts } }
        const { body } = await call(route, nothing, { token, account: alice.account })
        const permission = String(route.operation['x-mooring-permission'])
        const group = body.code === 'NOT_ALLOWED' ? refused : allowed
        group.add(permission)
      }
      expect([...allowed].sort()).toEqual([...promised[role]].sort())
      expect([...refused].sort()).toEqual(
        permissions.filter((one) => !promised[role].includes(one)).sort(),
      )
    },
  )

  const ghosts = {
    projectId: '00000000-0000-4000-8000-000000000000',
    keyId: '00000000-0000-4000-8000-000000000000',
    depositId: '00000000-0000-4000-8000-000000000000',
    alertId: '00000000-0000-4000-8000-000000000000',
    sessionId: '00000000-0000-4000-8000-000000000000',
    wallet: nameOf({ address: `0x${'88'.repeat(20)}` }),
  }

  test('of an admin makes, changes and removes no owner', async () => {
    const token = await signInAs(accounts.url, wallet(members.admin))
    const as = { token, account: alice.account }
    const owner = `/v1/team/${encodeURIComponent(alice.account)}`
    const own = `/v1/team/${encodeURIComponent(nameOf(wallet(members.admin)))}`
    const invite = { address: wallet(30).address, role: 'owner' }
    const tries = [
      await ask<Problem>(accounts.url, 'POST', '/v1/team', { ...as, body: invite }),
      await ask<Problem>(accounts.url, 'PATCH', own, { ...as, body: { role: 'owner' } }),
      await ask<Problem>(accounts.url, 'PATCH', owner, { ...as, body: { role: 'finance' } }),
      await ask<Problem>(accounts.url, 'DELETE', owner, as),
    ]
    expect(tries.map(({ status }) => status)).toEqual([403, 403, 404, 404])
  })

  test('that is taken away ends at once', async () => {
    const guest = wallet(members.finance)
    const token = await signInAs(accounts.url, guest)
    const read = () =>
      ask<Problem>(accounts.url, 'GET', '/v1/deposits', { token, account: alice.account })
    expect((await read()).status).toBe(200)
    const path = `/v1/team/${encodeURIComponent(nameOf(guest))}`
    await ask(accounts.url, 'DELETE', path, { token: alice.token })
    expect((await read()).status).toBe(403)
  })

  test('of an owner who was invited leaves the wallet whose account it is alone', async () => {
    const guest = wallet(24)
    const token = await signInAs(accounts.url, guest)
    const body = { address: guest.address, role: 'owner' }
    await ask(accounts.url, 'POST', '/v1/team', { token: alice.token, body })
    const accept = { token, body: { account: alice.account } }
    await ask(accounts.url, 'POST', '/v1/memberships/accept', accept)
    const founder = `/v1/team/${encodeURIComponent(alice.account)}`
    const as = { token, account: alice.account }
    const tries = [
      await ask<Problem>(accounts.url, 'DELETE', founder, as),
      await ask<Problem>(accounts.url, 'PATCH', founder, { ...as, body: { role: 'finance' } }),
    ]
    expect(tries.map(({ body }) => body.code)).toEqual(['FOUNDING_WALLET', 'FOUNDING_WALLET'])
    // What it lays down itself it does not take back alone, and an owner gives back.
    const change = (who: typeof as, role: string) =>
      ask<Problem & { role: string }>(accounts.url, 'PATCH', founder, { ...who, body: { role } })
    const self = { token: alice.token, account: alice.account }
    expect((await change(self, 'finance')).body.role).toBe('finance')
    expect((await change(self, 'owner')).body.code).toBe('NOT_ALLOWED')
    expect((await change(as, 'developer')).body.code).toBe('FOUNDING_WALLET')
    expect((await change(as, 'owner')).body.role).toBe('owner')
    // The other way round it goes.
    const guestSeat = `/v1/team/${encodeURIComponent(nameOf(guest))}`
    const removed = await ask(accounts.url, 'DELETE', guestSeat, { token: alice.token })
    expect(removed.status).toBe(204)
  })

  test('of the last owner cannot be laid down', async () => {
    const leave = (token: string, account: string) =>
      ask<Problem>(accounts.url, 'POST', '/v1/memberships/leave', { token, body: { account } })
    expect((await leave(bob.token, bob.account)).body.code).toBe('LAST_OWNER')
    const self = `/v1/team/${encodeURIComponent(bob.account)}`
    const removed = await ask<Problem>(accounts.url, 'DELETE', self, { token: bob.token })
    expect(removed.body.code).toBe('LAST_OWNER')
    const second = await signInAs(accounts.url, wallet(23))
    await ask(accounts.url, 'POST', '/v1/team', {
      token: bob.token,
      body: { address: wallet(23).address, role: 'owner' },
    })
    // Invited is not yet there.
    expect((await leave(bob.token, bob.account)).body.code).toBe('LAST_OWNER')
    await ask(accounts.url, 'POST', '/v1/memberships/accept', {
      token: second,
      body: { account: bob.account },
    })
    expect((await leave(bob.token, bob.account)).status).toBe(204)
    expect((await leave(second, bob.account)).body.code).toBe('LAST_OWNER')
  })

  test('is one of the four', () => {
    expect([...roles].sort()).toEqual(['admin', 'developer', 'finance', 'owner'])
  })
})
