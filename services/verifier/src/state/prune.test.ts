import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DepositFacts, TokenRequest } from '@mooring/protocol/access/verifier-wire'
import { openDatabase } from './database.ts'
import { prune } from './prune.ts'
import { openStore, type Store } from './store.ts'
import { createUsedNonces } from './used-nonces.ts'

const daySeconds = 86_400
const start = 1_700_000_000
let folder: string
let store: Store
/** What this verifier's clock and the chain say; the chain may be silent. */
let wallSeconds: number
let chainSeconds: number | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-prune-'))
  store = openStore(folder)
  wallSeconds = start
  chainSeconds = start
})
afterEach(async () => {
  store.close()
  await rm(folder, { recursive: true })
})

const pruneNow = () =>
  prune({
    store,
    clock: { wallMs: () => wallSeconds * 1_000, nowMs: () => 0, sleep: async () => undefined },
    chainSeconds: async () => chainSeconds,
    onError: (error) => {
      throw error
    },
  })

function at(seconds: number): void {
  wallSeconds = seconds
  chainSeconds = seconds
}

function revoke(jti: string, voidUntil: number): void {
  store.revocations.add({ jti, reason: 'orphaned', revokedAt: start, signature: '0x01' }, voidUntil)
}

function grant(jti: string, expiresAt: number): void {
  const request = { account: `0x${'aa'.repeat(20)}`, issuedAt: start, keyCommitment: '0x02' }
  store.grants.put({
    jti,
    // As much of them as the store looks at.
    request: request as TokenRequest,
    facts: { blockNumber: 1, logIndex: 0 } as DepositFacts,
    ...{ stage: 'full', token: undefined, keyHash: undefined, issuedAt: start, expiresAt },
  })
}

const told = (after = 0) => store.revocations.after(after, 100).revocations.map(({ jti }) => jti)

describe('a revocation', () => {
  test('is kept until a day after every token of it has ended, and then forgotten', async () => {
    revoke('short', start + 100)
    revoke('long', start + 7 * daySeconds)
    at(start + 100 + daySeconds)
    await pruneNow()
    expect(told()).toEqual(['short', 'long'])
    at(start + 101 + daySeconds)
    await pruneNow()
    expect(told()).toEqual(['long'])
    expect([store.revocations.has('short'), store.revocations.has('long')]).toEqual([false, true])
  })

  test('is kept while a token that others make all the same is known to live', async () => {
    revoke('renewed', start + 100)
    grant('renewed', start + 30 * daySeconds)
    revoke('told', start + 100)
    store.revocations.extend('told', start + 30 * daySeconds)
    // What is told of an older one shortens nothing.
    store.revocations.extend('told', start + 50)
    at(start + 31 * daySeconds)
    await pruneNow()
    expect(told()).toEqual(['renewed', 'told'])
    at(start + 31 * daySeconds + 1)
    await pruneNow()
    expect(told()).toEqual([])
  })

  test('is not forgotten by a clock that jumps ahead, nor while the chain is silent', async () => {
    revoke('a', start + 100)
    grant('b', start + 100)
    wallSeconds = start + 365 * daySeconds
    await pruneNow()
    chainSeconds = undefined
    await pruneNow()
    // Nor by a chain that lies about its time.
    wallSeconds = start
    chainSeconds = start + 365 * daySeconds
    await pruneNow()
    expect(told()).toEqual(['a'])
    expect(store.grants.find('b')?.jti).toBe('b')
  })

  test('that is forgotten leaves no gap to whoever reads on', async () => {
    for (const jti of ['a', 'b', 'c']) revoke(jti, start + (jti === 'a' ? 9 * daySeconds : 1))
    const { next } = store.revocations.after(0, 100)
    at(start + 3 * daySeconds)
    await pruneNow()
    // The newest are gone: who has read them is not told the rest once more.
    expect(told(next)).toEqual([])
    expect(store.revocations.after(next, 100).next).toBe(next)
    revoke('d', start + 9 * daySeconds)
    expect(told(next)).toEqual(['d'])
    expect(told()).toEqual(['a', 'd'])
  })
})

test('a grant is kept until a day after its token has ended', async () => {
  grant('a', start + 100)
  at(start + 100 + daySeconds)
  await pruneNow()
  expect(store.grants.find('a')?.jti).toBe('a')
  at(start + 101 + daySeconds)
  await pruneNow()
  expect(store.grants.find('a')).toBeUndefined()
})

test('an end of an era that the disk does not take has forgotten nothing', () => {
  const { usedNonces } = store
  const era = usedNonces.era()
  usedNonces.mark('pair', { jti: 'a', era, nowSeconds: start })
  usedNonces.turn()
  const full = openDatabase(join(folder, 'verifier.sqlite'))
  full.run('pragma query_only = on')
  expect(() => createUsedNonces(full).turn()).toThrow('readonly')
  const state = 'select (select count(*) from used_nonces) as nonces, era, oldest from nonce_era'
  expect(full.query(state).get()).toEqual({ nonces: 1, era: era + 1, oldest: era })
  full.close()
})

test('a data folder of the version before keeps what must be kept', async () => {
  store.close()
  await rm(join(folder, 'verifier.sqlite'))
  const before = new Database(join(folder, 'verifier.sqlite'), { create: true })
  before.run(`create table used_nonces (
      commitment text primary key, jti text not null, used_at integer not null) strict;
    create table grants (
      seq integer primary key autoincrement, jti text not null unique, account text not null,
      wished_at integer not null, request text not null, facts text not null, stage text not null,
      token text, key_hash text, issued_at integer not null, expires_at integer not null) strict;
    create table revocations (
      seq integer primary key autoincrement, jti text not null unique, reason text not null,
      revoked_at integer not null, signature text not null) strict;
    create table peer_cursors (peer text primary key, seq integer not null) strict;
    insert into revocations (jti, reason, revoked_at, signature)
      values ('old', 'orphaned', ${start}, '0x01');
    insert into used_nonces values ('pair', 'a', ${start});
    pragma user_version = 1;`)
  store = openStore(folder)
  expect(told()).toEqual(['old'])
  // No token may live for longer than 30 days.
  at(start + 31 * daySeconds)
  await pruneNow()
  expect(told()).toEqual(['old'])
  // A process of the version before that is brought back can use no nonce.
  const insert = 'insert or ignore into used_nonces (commitment, jti, used_at) values (?1, ?2, ?3)'
  expect(before.query(insert).run('pair', 'a', start).changes).toBe(0)
  before.close()
})
