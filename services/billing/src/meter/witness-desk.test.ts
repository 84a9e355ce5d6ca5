import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { beginEpoch, type Epoch, listClosedEpochs } from '@mooring/store/ledger/epochs'
import { atOnce, claimOf, fund, postOf, termsOf } from '@mooring/store/ledger/ledger.fixtures'
import { closeEpoch, postUsage } from '@mooring/store/ledger/post'
import { systemClock } from '@mooring/telemetry/clock'
import { createMeters } from '@mooring/telemetry/meters'
import { startWitnessProcess, type WitnessProcess } from '@mooring/testkit/witness'
import { silentLogger, until } from '../billing.fixtures.ts'
import { createEvents } from '../events.ts'
import { headOf, ownerOfFrames, textOfFrames } from '../witness/copies.fixtures.ts'
import { WitnessDesk } from './witness-desk.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

const stack = new AsyncDisposableStack()
const instance = 'gw-1'
const creditsOfFrame = 400
let database: Database
let witnesses: [WitnessProcess, WitnessProcess]
let epoch: Epoch
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  database = stack.use(await openDatabase(await postgres.createDatabase('witnesses')))
  await fund(database, ownerOfFrames, { tokens: 10n ** 9n, credits: 10n ** 9n })
})
afterAll(() => stack.disposeAsync())
beforeEach(async () => {
  witnesses = await Promise.all([startWitnessProcess(), startWitnessProcess()])
  const id = await beginEpoch(database.sql, instance, { leaseMs: 1 })
  const leases = [claimOf(ownerOfFrames, { wants: 100_000 })]
  await postUsage(database, postOf(id, { instance, leases }), termsOf())
  const told = { requests: 0n, credits: 0n }
  epoch = { id, instance, state: 'live', lastFrame: 0n, lastPost: 0n, told }
})
afterEach(async () => {
  await Promise.all(witnesses.map((witness) => witness.stop()))
})

function open(witnessPatienceMs = 60_000) {
  const meters = createMeters()
  const desk = new WitnessDesk({
    ...{ database, clock: systemClock, events: createEvents(silentLogger, meters) },
    config: { witnesses, witnessPatienceMs },
    post: async (request) => {
      const { answer } = await postUsage(database, request, termsOf())
      return 'error' in answer ? answer : { ...answer, prices: { hash: '', next: null } }
    },
  })
  return { desk, metrics: () => meters.render() }
}

async function keep(witness: WitnessProcess, sequences: readonly number[]): Promise<void> {
  const path = `/v1/copies/${instance}/${epoch.id}`
  const body = textOfFrames(headOf({ booked: (sequences[0] ?? 1) - 1 }), sequences)
  expect((await witness.ask(path, { method: 'POST', body })).status).toBe(200)
}

async function charged(): Promise<number> {
  const [row] = await database.sql`select coalesce(sum(credits), 0) as sum from usage`
  return Number(row.sum)
}

test('what witnesses have after the last frame in the books is booked, once', async () => {
  const { desk } = open()
  const before = await charged()
  await keep(witnesses[0], [1, 2])
  await keep(witnesses[1], [1, 2, 3])
  expect(await desk.collect(epoch)).toBeTrue()
  // Another process of the service that was as far as this one.
  expect(await desk.collect(epoch)).toBeTrue()
  expect((await charged()) - before).toBe(3 * creditsOfFrame)
  // It is not closed, so its gateway may yet come back and post.
  await desk.forgetBooked()
  expect((await witnesses[1].ask(`/v1/copies/${instance}/${epoch.id}?after=0`)).status).toBe(200)
  await closeEpoch(database, epoch, atOnce())
  await desk.forgetBooked()
  for (const witness of witnesses) {
    expect(await (await witness.ask('/v1/copies')).json()).toEqual({ copies: [] })
  }
})

test('a witness that does not answer is waited for, for its time only, and is heard later', async () => {
  const before = await charged()
  const { desk, metrics } = open(100)
  await keep(witnesses[0], [1])
  await keep(witnesses[1], [1, 2])
  const { port } = new URL(witnesses[1].url)
  const { credential } = witnesses[1]
  process.kill(witnesses[1].pid, 'SIGKILL')
  expect(await desk.collect(epoch)).toBeFalse()
  expect(await charged()).toBe(before)
  await Bun.sleep(150)
  expect(await desk.collect(epoch)).toBeTrue()
  expect((await charged()) - before).toBe(creditsOfFrame)
  expect(metrics()).toContain('billing_unwitnessed_epochs_total 1')
  expect(metrics()).toContain('billing_witness_silences_total 1')
  await closeEpoch(database, epoch, atOnce())
  const { directory } = witnesses[1]
  const again = await startWitnessProcess({ port: Number(port), credential, directory })
  await until('what it has', async () => {
    await desk.forgetBooked()
    return (await charged()) - before === 2 * creditsOfFrame
  })
  expect(await (await again.ask('/v1/copies')).json()).toEqual({ copies: [] })
  await again.stop()
})

test('a server that is no witness is none that has nothing', async () => {
  using server = Bun.serve({ port: 0, fetch: () => new Response('', { status: 404 }) })
  const [own] = witnesses
  witnesses = [own, { ...witnesses[1], url: server.url.href }]
  const { desk } = open()
  expect(await desk.collect(epoch)).toBeFalse()
})

test('epochs of another ledger are left alone', async () => {
  const { desk } = open()
  await keep(witnesses[0], [1])
  const other = { ...epoch, instance: 'gw-2' }
  await closeEpoch(database, other, atOnce())
  await desk.forgetBooked()
  expect(await listClosedEpochs(database.sql, [epoch.id])).toEqual([])
  expect((await witnesses[0].ask(`/v1/copies/${instance}/${epoch.id}?after=0`)).status).toBe(200)
})
