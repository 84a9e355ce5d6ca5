import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { ensureAccount } from './accounts.ts'
import { createAlert, deleteAlert, loadAlert, reviewAlerts } from './alerts.ts'
import {
  accountsAskingMax,
  addressesAskedMax,
  askForConfirmation,
  confirmAddress,
  dropEndedConfirmations,
  loadConfirmation,
} from './confirmations.ts'
import type { Database } from './database.ts'
import { startPostgres } from './embedded/postgres.ts'
import { addLetter, markDelivered, markFailed, takeDueLetters } from './outbox.ts'
import { alice, bob, dayMs, nowMs, storeOn } from './store.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

let store: ReturnType<typeof storeOn>
let database: Database
beforeAll(async () => {
  store = storeOn(await startPostgres())
  database = await store.open()
  for (const account of [alice, bob, carol, ...strangers])
    await ensureAccount(database, account, nowMs)
})
afterAll(async () => {
  await database?.close()
  await store?.stop()
})

const carol = 'eip155:1:0x0000000000000000000000000000000000000ca4'
const strangers = [1, 2, 3, 4].map((at) => `eip155:1:0x${String(at).padStart(40, '0')}`)
const times = (ms = nowMs) => ({ nowMs: ms, endsAtMs: ms + dayMs })
const ask = (account: string, address: string, ms = nowMs) =>
  askForConfirmation(database.sql, { account, address }, times(ms))

async function idOf(asking: ReturnType<typeof ask>): Promise<string> {
  const asked = await asking
  if (asked.kind !== 'asked') throw new Error(asked.kind)
  return asked.id
}

/** An e-mail alert that would be low at once: its account has no credit. */
async function alertFor(account: string, target: string) {
  const wanted = { asset: 'ankr', threshold: 5n, channel: 'email', target } as const
  const alert = await createAlert(database.sql, account, { ...wanted, nowMs })
  if (alert === undefined) throw new Error('too many')
  return alert
}
const review = (account: string) =>
  reviewAlerts(database.sql, account, { textOf: () => 'low', nowMs })
const due = { nowMs: nowMs + 1, leaseMs: 60_000, countMax: 10 }

test('nothing is told to an address before it is confirmed, and then at once', async () => {
  const alert = await alertFor(alice, 'a@example.org')
  expect(alert.isConfirmed).toBeFalse()
  await review(alice)
  expect(await takeDueLetters(database.sql, due)).toEqual([])
  const id = await idOf(ask(alice, 'a@example.org'))
  expect(await confirmAddress(database.sql, id, nowMs)).toBeTrue()
  await review(alice)
  expect(await takeDueLetters(database.sql, due)).toMatchObject([
    { alertId: alert.id, body: 'low', confirmationId: null },
  ])
  expect(await loadAlert(database.sql, alice, alert.id)).toMatchObject({ isConfirmed: true })
  // The same address of another account is another matter.
  expect((await alertFor(bob, 'a@example.org')).isConfirmed).toBeFalse()
})

test('a question is good once, for a day, and stands until then', async () => {
  const id = await idOf(ask(alice, 'b@example.org'))
  const alert = await alertFor(alice, 'b@example.org')
  await addLetter(database.sql, { alertId: alert.id, body: '{}', confirmationId: id, nowMs })
  expect(await ask(alice, 'b@example.org')).toEqual({ kind: 'standing' })
  expect(await confirmAddress(database.sql, id, nowMs + dayMs)).toBeFalse()
  const second = await idOf(ask(alice, 'b@example.org', nowMs + dayMs))
  expect(second).not.toBe(id)
  expect(await confirmAddress(database.sql, id, nowMs + dayMs)).toBeFalse()
  const answers = [1, 2].map(() => confirmAddress(database.sql, second, nowMs + dayMs + 1))
  expect((await Promise.all(answers)).sort()).toEqual([false, true])
  expect(await ask(alice, 'b@example.org', nowMs + 9 * dayMs)).toEqual({ kind: 'standing' })
})

test('of several who ask at once one does', async () => {
  const alert = await alertFor(alice, 'c@example.org')
  const seat = { account: alice, address: 'c@example.org' }
  const kinds = [1, 2, 3].map(() =>
    database.transact(async (queries) => {
      const asked = await askForConfirmation(queries, seat, times())
      if (asked.kind !== 'asked') return asked.kind
      const letter = { alertId: alert.id, body: '{}', confirmationId: asked.id, nowMs }
      await addLetter(queries, letter)
      return asked.kind
    }),
  )
  expect((await Promise.all(kinds)).sort()).toEqual(['asked', 'standing', 'standing'])
})

test('a message that was sent is not sent again when its alert is deleted and set up anew', async () => {
  const address = 'd@example.org'
  const id = await idOf(ask(alice, address))
  const alert = await alertFor(alice, address)
  await addLetter(database.sql, { alertId: alert.id, body: '{}', confirmationId: id, nowMs })
  const letters = await takeDueLetters(database.sql, due)
  const letter = letters.find(({ confirmationId }) => confirmationId === id)
  await markDelivered(database.sql, letter!.id, nowMs)
  await deleteAlert(database.sql, alice, alert.id)
  expect(await ask(alice, address)).toEqual({ kind: 'standing' })
})

test('a message that may be on its way is not sent again when its alert is deleted meanwhile', async () => {
  const address = 'h@example.org'
  const id = await idOf(ask(alice, address))
  const alert = await alertFor(alice, address)
  await addLetter(database.sql, { alertId: alert.id, body: '{}', confirmationId: id, nowMs })
  const letters = await takeDueLetters(database.sql, due)
  const letter = letters.find(({ confirmationId }) => confirmationId === id)
  await deleteAlert(database.sql, alice, alert.id)
  await markDelivered(database.sql, letter!.id, nowMs)
  expect(await ask(alice, address)).toEqual({ kind: 'standing' })
})

test('a message that was given up may be sent again', async () => {
  const address = 'i@example.org'
  const id = await idOf(ask(alice, address))
  const alert = await alertFor(alice, address)
  await addLetter(database.sql, { alertId: alert.id, body: '{}', confirmationId: id, nowMs })
  const letters = await takeDueLetters(database.sql, due)
  const letter = letters.find(({ confirmationId }) => confirmationId === id)
  const failed = (nextAttemptAtMs: number | null) =>
    markFailed(database.sql, letter!.id, { problem: 'no answer', nextAttemptAtMs })
  await failed(nowMs + 1)
  expect(await ask(alice, address)).toEqual({ kind: 'standing' })
  await failed(null)
  await idOf(ask(alice, address))
})

test('of accounts that ask one address at once no more do than may', async () => {
  const kinds = [alice, bob, ...strangers].map((account) =>
    database.transact(async (queries) => {
      const seat = { account, address: 'j@example.org' }
      const { kind } = await askForConfirmation(queries, seat, times())
      // Each is in the middle of it while the others ask.
      await queries`select pg_sleep(0.1)`
      return kind
    }),
  )
  const asked = (await Promise.all(kinds)).filter((kind) => kind === 'asked')
  expect(asked).toHaveLength(accountsAskingMax)
})

test('one account asks one address once, however it is written, and few addresses at once', async () => {
  const account = carol
  await idOf(ask(account, 'one@example.org'))
  expect(await ask(account, 'One@example.org')).toEqual({ kind: 'tooMany' })
  for (let at = 1; at < addressesAskedMax; at++) await idOf(ask(account, `one+${at}@example.org`))
  expect(await ask(account, 'another@example.org')).toEqual({ kind: 'tooMany' })
  await idOf(ask(account, 'another@example.org', nowMs + dayMs))
})

test('an address is asked by few accounts at once, however it is written', async () => {
  const [first, ...others] = strangers
  expect(strangers).toHaveLength(accountsAskingMax + 1)
  for (const account of others) await idOf(ask(account, 'Victim@example.org'))
  expect(await ask(first!, 'victim@EXAMPLE.org')).toEqual({ kind: 'tooMany' })
  await idOf(ask(first!, 'victim@EXAMPLE.org', nowMs + dayMs))
})

test('what has ended is forgotten, and an answer with the last alert that rests on it', async () => {
  const kept = await alertFor(bob, 'e@example.org')
  const seen = (address: string) => loadConfirmation(database.sql, { account: bob, address })
  for (const address of ['e@example.org', 'f@example.org', 'g@example.org']) {
    const id = await idOf(ask(bob, address))
    if (address !== 'g@example.org') await confirmAddress(database.sql, id, nowMs)
  }
  await dropEndedConfirmations(database, nowMs + 1)
  expect(await seen('e@example.org')).toBeDefined()
  expect(await seen('f@example.org')).toBeUndefined()
  expect(await seen('g@example.org')).toBeDefined()
  await deleteAlert(database.sql, bob, kept.id)
  await dropEndedConfirmations(database, nowMs + dayMs)
  expect(await seen('e@example.org')).toBeUndefined()
  expect(await seen('g@example.org')).toBeUndefined()
})

test('an answer that an alert is being set up on is not forgotten meanwhile', async () => {
  const address = 'k@example.org'
  const seat = { account: bob, address }
  const wanted = { asset: 'ankr', threshold: 5n, channel: 'email', target: address } as const
  await confirmAddress(database.sql, await idOf(ask(bob, address)), nowMs)
  const alert = await database.transact(async (queries) => {
    const made = await createAlert(queries, bob, { ...wanted, nowMs })
    await dropEndedConfirmations(database, nowMs + 1)
    return made
  })
  expect(alert).toMatchObject({ isConfirmed: true })
  expect(await loadConfirmation(database.sql, seat)).toBeDefined()
  await deleteAlert(database.sql, bob, alert!.id)
  // And the other way round: whoever comes while it is forgotten finds that it is, and does not rest on it.
  for (let round = 0; round < 20; round++) {
    const [made] = await Promise.all([
      database.transact((queries) => createAlert(queries, bob, { ...wanted, nowMs })),
      dropEndedConfirmations(database, nowMs + 1),
    ])
    const isKnown = (await loadConfirmation(database.sql, seat)) !== undefined
    expect(isKnown).toBe(made!.isConfirmed)
    await deleteAlert(database.sql, bob, made!.id)
    if (!isKnown) await confirmAddress(database.sql, await idOf(ask(bob, address)), nowMs)
  }
})
