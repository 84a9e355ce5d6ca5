import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@mooring/telemetry/clock'
import { frost } from '../group/frost.ts'
import { openDatabase } from '../state/database.ts'
import { createUsedNonces, NonceUsed } from '../state/used-nonces.ts'
import { createSigningNonces } from './nonces.ts'

const identifiers = [1, 2, 3].map((number) => frost.Identifier.fromNumber(number))
const dealt = frost.trustedDealer({ min: 2, max: 3 }, identifiers)
const [identifier = ''] = identifiers
const secret = dealt.secretShares[identifier]
if (secret === undefined) throw new Error('it has no share')
const key = { public: dealt.public, secret }

let folder: string
let file: string
let nowMs: number
const clock: Clock = {
  wallMs: () => 1_700_000_000_000 + nowMs,
  nowMs: () => nowMs,
  sleep: () => Promise.resolve(),
}
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-nonces-'))
  file = join(folder, 'verifier.sqlite')
  nowMs = 0
})
afterEach(() => rm(folder, { recursive: true }))

const open = () => createSigningNonces<string>(createUsedNonces(openDatabase(file)), clock)
const own = (about: string) => about

const rowsOf = (path: string) =>
  new Database(path, { readonly: true }).query('select jti from used_nonces').all()

test('nonces are given out once, and their use is on disk by then', () => {
  const nonces = open()
  const { session, commitments } = nonces.open(key, 'jti')
  expect(nonces.take(session, own).commitments).toEqual(commitments)
  expect(rowsOf(file)).toEqual([{ jti: 'jti' }])
  expect(() => nonces.take(session, own)).toThrow('the signing session is over')
})

test('a crash between the promise and the share loses the nonces, so no share is made of them', () => {
  const { session } = open().open(key, 'jti')
  expect(() => open().take(session, own)).toThrow('the signing session is over')
})

test('memory that is brought back after a crash cannot use its nonces again', () => {
  // What a machine that is restored from an image has: the same session, and the disk as it is.
  const used = createUsedNonces(openDatabase(file))
  const era = used.era()
  used.mark('a pair', { jti: 'jti', era, nowSeconds: 1 })
  const restored = createUsedNonces(openDatabase(file))
  expect(() => restored.mark('a pair', { jti: 'jti', era, nowSeconds: 2 })).toThrow(NonceUsed)
  expect(() => restored.mark('a pair', { jti: 'another', era, nowSeconds: 2 })).toThrow(NonceUsed)
})

test('nor once the mark of it was forgotten, whatever time that memory thinks it is', () => {
  const used = createUsedNonces(openDatabase(file))
  const nonces = createSigningNonces<string>(used, clock)
  // An image of this moment: the session stands in it, and its clock stands still.
  const image = createSigningNonces<string>(used, clock)
  const { session } = image.open(key, 'jti')
  const era = used.era()
  used.mark('a pair', { jti: 'jti', era, nowSeconds: 1 })
  used.turn()
  expect(rowsOf(file)).toHaveLength(1)
  expect(() => used.mark('a pair', { jti: 'jti', era, nowSeconds: 2 })).toThrow(NonceUsed)
  used.turn()
  expect(rowsOf(file)).toHaveLength(0)
  expect(() => used.mark('a pair', { jti: 'jti', era, nowSeconds: 3 })).toThrow(NonceUsed)
  expect(() => image.take(session, own)).toThrow(NonceUsed)
  // What is promised from now on is used as ever.
  nonces.take(nonces.open(key, 'jti').session, own)
})

test('a session that an era ends under goes on', () => {
  const used = createUsedNonces(openDatabase(file))
  const nonces = createSigningNonces<string>(used, clock)
  const { session } = nonces.open(key, 'jti')
  used.turn()
  expect(nonces.take(session, own).about).toBe('jti')
  expect(rowsOf(file)).toHaveLength(1)
})

test('nonces that nobody came back for are forgotten', () => {
  const nonces = open()
  const { session } = nonces.open(key, 'jti')
  nowMs = 30_000
  expect(() => nonces.take(session, own)).toThrow('the signing session is over')
})

test('a disk that takes nothing lets no nonce out', () => {
  const database = openDatabase(file)
  const nonces = createSigningNonces<string>(createUsedNonces(database), clock)
  const { session } = nonces.open(key, 'jti')
  database.run('pragma query_only = on')
  expect(() => nonces.take(session, own)).toThrow()
  database.run('pragma query_only = off')
  expect(() => nonces.take(session, own)).toThrow('the signing session is over')
})

test('two sessions never have the same nonces', () => {
  const nonces = open()
  const points = Array.from({ length: 50 }, () =>
    nonces.open(key, 'jti').commitments.hiding.toHex(),
  )
  expect(new Set(points).size).toBe(50)
})
