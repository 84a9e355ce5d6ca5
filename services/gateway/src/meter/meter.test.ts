import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { createPricing } from '@mooring/market/pricing/pricing'
import { systemClock } from '@mooring/telemetry/clock'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import { createEvents } from '../events.ts'
import type { Exchange, RpcAnswer } from '../exchange.ts'
import { until } from '../gateway.fixtures.ts'
import type { Durability } from './log/writer.ts'
import { Meter } from './meter.ts'
import { createPayer, type Payer } from './payer.ts'
import { createFaultyDisk, type FaultyDisk } from './test/faulty-disk.fixtures.ts'
import { type ServedLedger, serveLedger } from './test/ledger.fixtures.ts'

const account = `eip155:1:0x${'aa'.repeat(20)}`
const price = createPricing(newestTable.table).priceOf({
  family: 'evm',
  method: 'eth_call',
  transport: 'http',
})
let directory: string
let billing: ServedLedger
let disk: FaultyDisk
let payer: Payer
/** Called whenever the ledger has answered. */
let onAnswered: () => void
const meters: Meter[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mooring-meter-'))
  billing = serveLedger()
  disk = createFaultyDisk()
  onAnswered = () => {}
  payer = createPayer({ account, key: '', ownPurse: false })
})
afterEach(async () => {
  for (const meter of meters.splice(0)) await meter.stop()
  await billing[Symbol.asyncDispose]()
  await rm(directory, { recursive: true })
})

function createMeter(durability: Durability): Meter {
  const events = createEvents(createLogger('test', 'silent'), createMeters())
  const meter = new Meter(
    {
      ...billing.settings,
      ...{ directory, durability, copies: [], copiesMin: 1 },
      freeFailures: { burstCredits: 100_000, chargedShareMax: 0.1 },
    },
    {
      clock: systemClock,
      events: { ...events, ledgerAnswered: () => onAnswered() },
      onSent() {},
      disk,
    },
  )
  meters.push(meter)
  meter.start()
  return meter
}

async function startMeter(durability: Durability): Promise<Meter> {
  const meter = createMeter(durability)
  await until(() => meter.report().state === 'serving')
  return meter
}

/** What the meter reads of a request. */
function createTestExchange(caller = { payer }): Exchange {
  const exchange = {
    caller,
    chain: { name: 'eth', family: { name: 'evm' } },
    policy: { known: true },
    request: { method: 'eth_call' },
    startedMs: systemClock.nowMs(),
    purse: undefined,
    reserved: 0,
    charged: 0,
  }
  // The rest of it is of the stages that come after.
  return exchange as unknown as Exchange
}

const result: RpcAnswer = { kind: 'result', resultJson: '"0x1"' }

/** One request from its price to its reply, which is returned as its failure, or `ok`. */
async function serve(meter: Meter): Promise<string> {
  const exchange = createTestExchange()
  await meter.reserve(exchange)
  return await new Promise((resolve) => {
    meter.finish(exchange, result, (answer) =>
      resolve(answer.kind === 'result' ? 'ok' : answer.failure),
    )
  })
}

const refusal = (meter: Meter) => serve(meter).catch(({ code }) => code)
const charged = () => billing.ledger.usage.reduce((sum, { credits }) => sum + credits, 0)
const counted = (status: string) =>
  billing.ledger.usage.reduce((sum, line) => sum + (line.status === status ? line.requests : 0), 0)

describe.each(['process', 'disk'] as const)('with a disk that is full (%s)', (durability) => {
  test('nothing is served for credits and nothing is charged, until there is room', async () => {
    billing.ledger.fund(account, 100_000)
    const meter = await startMeter(durability)
    expect(await serve(meter)).toBe('ok')
    disk.isFull = true
    // On their way already: they are answered with the failure, and not charged.
    const all = await Promise.all([1, 2, 3].map(() => serve(meter)))
    expect(all).toEqual(Array(3).fill('METER_STOPPED'))
    expect(await refusal(meter)).toBe('METER_STOPPED')
    expect(meter.report().state).toBe('cannotWrite')
    disk.isFull = false
    await until(async () => (await refusal(meter)) === 'ok')
    expect(meter.report().state).toBe('serving')
    await until(() => charged() === 2 * price)
    await until(() => meter.report().frames.stored === meter.report().frames.confirmed)
    expect(charged()).toBe(2 * price)
    expect(counted('ok')).toBe(2)
    expect(counted('METER_STOPPED')).toBe(3)
    await meters.pop()?.stop()
    expect(billing.ledger.balanceOf(account)).toEqual({ credits: 100_000 - 2 * price, leased: 0 })
    expect((await readdir(directory)).filter((name) => name.endsWith('.frames'))).toEqual([])
  })

  test('as an epoch begins, nothing is served for credits until there is room', async () => {
    billing.ledger.fund(account, 100_000)
    disk.isFull = true
    const meter = createMeter(durability)
    await until(() => meter.report().state === 'cannotWrite')
    expect(await refusal(meter)).toBe('METER_STOPPED')
    disk.isFull = false
    await until(async () => (await refusal(meter)) === 'ok')
    await until(() => charged() === price)
  })
})

test('what is answered in the very turn in which an epoch begins leaves the purse with what the ledger leases', async () => {
  billing.ledger.fund(account, 100_000)
  const meter = await startMeter('process')
  expect(await serve(meter)).toBe('ok')
  const exchange = createTestExchange()
  meter.reserve(exchange)
  const { promise: answered, resolve } = Promise.withResolvers<RpcAnswer>()
  onAnswered = () => {
    if (meter.report().state !== 'ledgerAway') return
    onAnswered = () => {}
    meter.finish(exchange, result, resolve)
  }
  billing.ledger.closeAll()
  expect(await answered).toMatchObject({ failure: 'METER_STOPPED' })
  await until(async () => (await refusal(meter)) === 'ok')
  await until(() => charged() === 2 * price)
  await until(() => meter.report().frames.stored === meter.report().frames.confirmed)
  expect(payer.purse?.left).toBe(billing.ledger.balanceOf(account).leased)
  // It is counted as what it was answered with.
  expect(counted('ok')).toBe(2)
  expect(counted('METER_STOPPED')).toBe(1)
})

test('with a disk that loses what it took, no reply leaves that waits for it', async () => {
  billing.ledger.fund(account, 100_000)
  const meter = await startMeter('disk')
  expect(await serve(meter)).toBe('ok')
  disk.isBroken = true
  const all = await Promise.all([1, 2, 3].map(() => serve(meter)))
  expect(all).toEqual(Array(3).fill('METER_STOPPED'))
  disk.isBroken = false
  await until(async () => (await refusal(meter)) === 'ok')
  await until(() => charged() === 2 * price)
})

test('many replies of one turn share a write, and a lonely one waits for no timer', async () => {
  billing.ledger.fund(account, 10_000_000)
  const meter = await startMeter('process')
  await serve(meter)
  await until(() => meter.leftOf({ payer } as Exchange['caller']) !== undefined)
  await Promise.all(Array.from({ length: 5 }, () => serve(meter)))
  const before = meter.report().frames.stored
  await Promise.all(Array.from({ length: 100 }, () => serve(meter)))
  expect(meter.report().frames.stored - before).toBeLessThanOrEqual(20)
  let isSent = false
  const reply = serve(meter).then(() => {
    isSent = true
  })
  // The frame is written in the next phase of the event loop.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  expect(isSent).toBeTrue()
  await reply
})

test('with nothing to wait for, a reply leaves at once and is charged all the same', async () => {
  billing.ledger.fund(account, 100_000)
  const meter = await startMeter('none')
  await serve(meter)
  const exchange = createTestExchange()
  await meter.reserve(exchange)
  let isSent = false
  meter.finish(exchange, result, () => {
    isSent = true
  })
  expect(isSent).toBeTrue()
  await until(() => charged() === 2 * price)
})

test('many accounts at once each get and pay their own', async () => {
  const meter = await startMeter('process')
  const accounts = Array.from(
    { length: 300 },
    (_, at) => `eip155:1:0x${String(at).padStart(40, '0')}`,
  )
  for (const each of accounts) billing.ledger.fund(each, 10_000)
  await Promise.all(
    accounts.map(async (each) => {
      const own = createPayer({ account: each, key: '', ownPurse: false })
      const exchange = createTestExchange({ payer: own })
      await meter.reserve(exchange)
      await new Promise<void>((resolve) => meter.finish(exchange, result, () => resolve()))
    }),
  )
  await until(() => charged() === accounts.length * price)
  expect(meter.report().purses.held).toBe(accounts.length)
  await meters.pop()?.stop()
  for (const each of accounts) {
    expect(billing.ledger.balanceOf(each)).toEqual({ credits: 10_000 - price, leased: 0 })
  }
})
