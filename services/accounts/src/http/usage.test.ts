import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { UsageLine } from '@mooring/protocol/metering/wire'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { beginEpoch } from '@mooring/store/ledger/epochs'
import { claimOf, fund, lineOf, postOf, termsOf } from '@mooring/store/ledger/ledger.fixtures'
import { postUsage } from '@mooring/store/ledger/post'
import {
  ask,
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

const postgres = await startPostgres()
const clock = movableClock()
const nowMs = clock.wallMs()
const nowHour = nowMs / 3_600_000
let accounts: Accounts
let database: Database
beforeAll(async () => {
  accounts = await startForTest(postgres.url, { clock })
  database = await openDatabase(postgres.url)
})
afterAll(async () => {
  await accounts.stop('test')
  await database.close()
  await postgres.stop()
})

let epochs = 0
async function post(
  account: string,
  usage: Partial<UsageLine>[],
  terms = termsOf(),
): Promise<void> {
  const instance = `gw-${++epochs}`
  const epoch = await beginEpoch(database.sql, instance, { leaseMs: 30_000 })
  const leases = [claimOf(account, { wants: 2_000 })]
  await postUsage(database, postOf(epoch, { instance, leases }), terms)
  const frames = { from: 1, to: 1, closes: true, usage: usage.map((line) => lineOf(account, line)) }
  const { answer } = await postUsage(database, postOf(epoch, { instance, ...frames }), terms)
  if ('error' in answer) throw new Error(answer.detail)
}

type Sum = { requests: string; credits: string }
type Report = {
  from: string
  to: string
  total: Sum
  groups: (Sum & { group: string; name: string | null; project: object | null })[]
  next: string | null
  code: string
  detail: string
}

async function customer(number: number) {
  const owner = wallet(number)
  const token = await signInAs(accounts.url, owner)
  const make = async (path: string, body: object) =>
    (await ask<{ id: string }>(accounts.url, 'POST', path, { token, body })).body.id
  const get = async <T extends object = Report>(path: string) =>
    await ask<T>(accounts.url, 'GET', path, { token })
  return { account: nameOf(owner), token, make, get }
}

async function withKey(number: number, names: { project: string; key: string }) {
  const one = await customer(number)
  const projectId = await one.make('/v1/projects', { name: names.project })
  const body = { keyHash: newKeyHash(), name: names.key }
  const keyId = await one.make(`/v1/projects/${projectId}/keys`, body)
  return { ...one, projectId, keyId }
}

describe('what was used', () => {
  test('is summed up by every grouping, with the names of keys and projects', async () => {
    const { account, get, keyId, projectId } = await withKey(1, { project: 'site', key: 'web' })
    await post(account, [
      { credits: 100, requests: 2 },
      { credits: 20, chain: 'bsc', key: keyId, status: 'RATE_LIMITED' },
      { credits: 3, hour: nowHour - 24, method: 'eth_getLogs', key: keyId },
    ])
    const by = async (grouping: string) => {
      const { body } = await get(`/v1/usage?by=${grouping}`)
      expect(body.total).toEqual({ requests: '4', credits: '123' })
      return body.groups.map(({ group, credits }) => [group, credits])
    }
    expect(await by('hour')).toEqual([
      ['2026-05-31T00:00:00Z', '3'],
      ['2026-06-01T00:00:00Z', '120'],
    ])
    expect(await by('day')).toEqual([
      ['2026-05-31', '3'],
      ['2026-06-01', '120'],
    ])
    expect(await by('chain')).toEqual([
      ['bsc', '20'],
      ['eth', '103'],
    ])
    expect(await by('method')).toEqual([
      ['eth_call', '120'],
      ['eth_getLogs', '3'],
    ])
    expect(await by('status')).toEqual([
      ['RATE_LIMITED', '20'],
      ['ok', '103'],
    ])
    expect((await get('/v1/usage?by=key')).body.groups).toEqual([
      { group: 'own', name: null, project: null, requests: '2', credits: '100' },
      {
        ...{ group: keyId, name: 'web', project: { id: projectId, name: 'site' } },
        ...{ requests: '2', credits: '23' },
      },
    ])
  })

  test('is told for a range of hours, a key, a project and a chain', async () => {
    const { account, get, keyId, projectId } = await withKey(2, { project: 'site', key: 'web' })
    await post(account, [
      { credits: 1 },
      { credits: 20, key: keyId },
      { credits: 300, chain: 'bsc', hour: nowHour - 1 },
      { credits: 4_000, hour: nowHour - 31 * 24 },
    ])
    const total = async (query: string) => (await get(`/v1/usage?${query}`)).body.total.credits
    expect(await total('')).toBe('321')
    expect(await total('from=2026-05-01')).toBe('4321')
    expect(await total('from=2026-05-31T23:00:00Z&to=2026-06-01')).toBe('300')
    expect(await total('chain=bsc')).toBe('300')
    expect(await total('key=own')).toBe('301')
    expect(await total(`key=${keyId}`)).toBe('20')
    expect(await total(`project=${projectId}`)).toBe('20')
    const { body } = await get('/v1/usage?from=2026-05-31&to=2026-06-01')
    expect([body.from, body.to]).toEqual(['2026-05-31T00:00:00Z', '2026-06-01T00:00:00Z'])
  })

  test('comes in pages that together are all of it', async () => {
    const { account, get } = await customer(3)
    const methods = ['eth_a', 'eth_b', 'eth_c', 'eth_d', 'eth_e']
    await post(
      account,
      methods.map((method, at) => ({ method, credits: at + 1 })),
    )
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`
      const { body }: { body: Report } = await get(`/v1/usage?by=method&limit=2${cursor}`)
      expect(body.total.credits).toBe('15')
      expect(body.groups.length).toBeLessThanOrEqual(2)
      seen.push(...body.groups.map(({ group }) => group))
      next = body.next
    }
    expect(seen).toEqual(methods)
  })

  test('of nobody is nothing', async () => {
    const { get } = await customer(4)
    const { body } = await get('/v1/usage')
    expect(body).toMatchObject({ total: { requests: '0', credits: '0' }, groups: [], next: null })
    expect((await get('/v1/billing')).body).toEqual({ assets: [], uncollected: '0' } as never)
  })

  test.each([
    ['from=2026-06-01T12:30:00Z', 'from: a whole hour in UTC'],
    ['from=2026-02-30', 'from: a whole hour in UTC'],
    ['from=yesterday', 'from: a whole hour in UTC'],
    ['from=2026-06-02&to=2026-06-01', 'from: it has to be before `to`'],
    ['from=2025-05-01&to=2026-06-01', 'at most 366 days'],
    ['by=hour&from=2026-04-01&to=2026-06-01', 'at most 31 days'],
    ['by=colour', 'by: '],
    ['limit=1001', 'limit: '],
    ['cursor=abc', 'cursor: it is none of an earlier answer'],
    ['form=2026-06-01', 'means nothing here'],
    ['key=mine', 'key: '],
  ])('asked for with %s is refused, and it is said why', async (query, words) => {
    const { get } = await customer(5)
    const { status, body } = await get(`/v1/usage?${query}`)
    expect([status, body.code]).toEqual([400, 'MALFORMED'])
    expect(body.detail).toContain(words)
  })

  test('of another account is neither shown nor told apart from what is not there', async () => {
    const { account, projectId, keyId } = await withKey(6, { project: 'hers', key: 'secret-name' })
    await post(account, [{ credits: 50, key: keyId }])
    const other = await customer(7)
    const foreign = await other.get(`/v1/usage?project=${projectId}`)
    expect([foreign.status, foreign.body.code]).toEqual([404, 'NOT_FOUND'])
    for (const query of ['', `?key=${keyId}`, '?by=key']) {
      expect((await other.get(`/v1/usage${query}`)).body.total.credits).toBe('0')
    }
    const { body } = await other.get<{ text: string }>('/v1/usage/export')
    expect(body.text.split('\r\n')).toHaveLength(2)
  })
})

describe('an export', () => {
  test('is CSV that no spreadsheet takes for formulas', async () => {
    const names = { project: '=cmd|calc', key: '-1+1;"=2"' }
    const { account, get, keyId, projectId } = await withKey(8, names)
    await post(account, [{ credits: 7, key: keyId, requests: 3 }, { credits: 1 }])
    const { headers, body } = await get<{ text: string }>('/v1/usage/export?from=2026-06-01')
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="[\w-]+\.csv"$/)
    expect(body.text).toBe(
      [
        'hour,projectId,project,keyId,key,chain,method,status,requests,credits',
        '2026-06-01T00:00:00Z,,,own,,eth,eth_call,ok,1,1',
        `2026-06-01T00:00:00Z,${projectId},"'=cmd|calc",${keyId},"'-1+1;""=2""",eth,eth_call,ok,3,7`,
        '',
      ].join('\r\n'),
    )
  })

  test('is JSON Lines of the same columns', async () => {
    const { account, get } = await customer(9)
    await post(account, [{ credits: 7 }])
    const { headers, body } = await get<{ text: string }>('/v1/usage/export?format=jsonl')
    expect(headers.get('content-type')).toContain('application/jsonl')
    expect(JSON.parse(body.text)).toEqual({
      ...{ hour: '2026-06-01T00:00:00Z', projectId: null, project: null, keyId: 'own', key: null },
      ...{ chain: 'eth', method: 'eth_call', status: 'ok', requests: '1', credits: '7' },
    })
  })

  test('of many rows sums up to what is told of all', async () => {
    const { account, get } = await customer(10)
    await fund(database, account, { tokens: 10n ** 20n, credits: 10n ** 6n })
    const lines = Array.from({ length: 2_345 }, (_, at) => ({
      ...{ method: `eth_${at % 100}`, hour: nowHour - (at % 24), credits: at, requests: 1 },
      chain: `c${at % 7}`,
    }))
    await post(account, lines)
    const { body } = await get<{ text: string }>('/v1/usage/export?from=2026-05-01')
    const rows = body.text.trimEnd().split('\r\n').slice(1)
    const credits = rows.reduce((sum, row) => sum + BigInt(row.split(',').at(-1) ?? ''), 0n)
    const { total } = (await get('/v1/usage?from=2026-05-01')).body
    expect(String(credits)).toBe(total.credits)
    expect(total).toEqual({ requests: '2345', credits: String((2_344 * 2_345) / 2) })
    expect(new Set(rows).size).toBe(rows.length)
    expect(rows.length).toBeGreaterThan(2_000)
    expect(rows.map((row) => row.slice(0, 20))).toEqual(rows.map((row) => row.slice(0, 20)).sort())
  })
})

type Move = { id: string; verb: string; tokens: string; credits: string; at: string; cause: string }
type History = { moves: Move[]; next: string | null }

describe('billing', () => {
  async function charged(number: number) {
    const one = await customer(number)
    await post(one.account, [{ credits: 40 }])
    await fund(database, one.account, { tokens: 10_000n, credits: 30_000n })
    await post(one.account, [{ credits: 900 }])
    return one
  }

  test('says what there is, and what a credit costs', async () => {
    const { get, account } = await charged(11)
    await fund(database, account, { asset: 'usd', tokens: 7n, credits: 3n })
    expect((await get('/v1/billing')).body).toEqual({
      assets: [
        {
          ...{ asset: 'ankr', tokens: '9700', credits: '29100', leased: '0', held: '0' },
          ...{ accrued: '300', spent: '0', life: '0', tokensPerMillionCredits: '333334' },
          period: { number: '7', used: '300' },
        },
        {
          ...{ asset: 'usd', tokens: '7', credits: '3', leased: '0', held: '0' },
          ...{ accrued: '0', spent: '0', life: '0', tokensPerMillionCredits: '2333334' },
          period: { number: '0', used: '0' },
        },
      ],
      uncollected: '40',
    } as never)
  })

  test('has a history, newest first, in pages', async () => {
    const { get } = await charged(12)
    const first = (await get<History>('/v1/billing/history?limit=1')).body
    expect(first.moves).toEqual([
      {
        ...{ id: expect.any(String), at: '2026-06-01T00:00:00Z', verb: 'charge', asset: 'ankr' },
        ...{ tokens: '300', credits: '900', cause: 'period 7 epoch 0' },
      },
    ])
    const rest = (await get<History>(`/v1/billing/history?limit=2&cursor=${first.next}`)).body
    expect(rest.moves.map(({ verb }) => verb)).toEqual(['deposit'])
    expect(rest.next).toBeNull()
    const charges = await get<History>('/v1/billing/history?verb=charge&from=2026-06-01')
    expect(charges.body.moves).toHaveLength(1)
    const before = await get<History>('/v1/billing/history?to=2026-06-01')
    expect(before.body.moves).toEqual([])
  })

  test('has charges by the hour, and each once while it grows', async () => {
    const { get, account } = await customer(15)
    await fund(database, account, { tokens: 10_000n, credits: 30_000n })
    const hourAgo = termsOf({ nowMs: nowMs - 3_600_000 })
    await post(account, [{ credits: 900 }], hourAgo)
    await post(account, [{ credits: 30 }])
    const seen: string[] = []
    let next: string | null = ''
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`
      const { body }: { body: History } = await get(`/v1/billing/history?limit=1${cursor}`)
      seen.push(...body.moves.map(({ at, credits }) => `${at} ${credits}`))
      next = body.next
      await post(account, [{ credits: 3 }])
      await post(account, [{ credits: 60 }], hourAgo)
    }
    expect(seen).toEqual([
      '2026-06-01T00:00:00Z 30',
      '2026-05-31T23:00:00Z 960',
      '2026-06-01T00:00:00Z 30000',
    ])
    const { body } = await get<History>('/v1/billing/history?to=2026-06-01')
    expect(body.moves.map(({ credits }) => credits)).toEqual(['1080'])
  })

  test('can be had as a file', async () => {
    const { get } = await charged(13)
    const { body } = await get<{ text: string }>('/v1/billing/history/export?verb=deposit')
    const [columns, row, ...rest] = body.text.split('\r\n')
    expect(columns).toBe('at,id,verb,asset,tokens,credits,cause')
    expect(row).toMatch(/^2026-06-01T00:00:00Z,\d+,deposit,ankr,10000,30000,test [0-9a-f-]{36}$/)
    expect(rest).toEqual([''])
    const lines = await get<{ text: string }>('/v1/billing/history/export?format=jsonl')
    expect(lines.body.text.trimEnd().split('\n')).toHaveLength(2)
  })

  test('of another account is not shown', async () => {
    const other = await customer(14)
    expect((await other.get<History>('/v1/billing/history')).body.moves).toEqual([])
  })
})
