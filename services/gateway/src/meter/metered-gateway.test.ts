import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { createPricing } from '@mooring/market/pricing/pricing'
import type { MeterReport } from '@mooring/protocol/reports/meter'
import {
  healthy,
  type ScriptedReply,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import {
  startDeployment,
  type TestDeployment,
  testAccount,
} from '../access/test/deployment.fixtures.ts'
import {
  startTestGateway,
  type TestGateway,
  testChain,
  testChainId,
  until,
} from '../gateway.fixtures.ts'
import { type ServedLedger, serveLedger, type TestLedger } from './test/ledger.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(30_000)

const price = createPricing(newestTable.table).priceOf({
  family: 'evm',
  method: 'eth_call',
  transport: 'http',
})
let folder: string
let deployment: TestDeployment
let billing: ServedLedger
let ledger: TestLedger
let node: ScriptedUpstream
let gateway: TestGateway
let key: string
/** What the node answers where it answers anything but a result. */
let reply: ScriptedReply | Promise<ScriptedReply> | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mooring-meter-'))
  deployment = await startDeployment()
  billing = serveLedger()
  ledger = billing.ledger
  reply = undefined
  node = startScriptedUpstream(
    healthy({
      chainId: testChainId,
      head: () => 5_000,
      rest: () => reply ?? { result: '0xc0' },
    }),
  )
  gateway = await startGateway()
  key = deployment.issue().key
})

afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await Promise.all([node, billing, deployment].map((each) => each[Symbol.asyncDispose]()))
  await rm(folder, { recursive: true })
})

function startGateway(
  meter: Record<string, unknown> = {},
  settings: Record<string, unknown> = {},
): Promise<TestGateway> {
  return startTestGateway([{ provider: 'alpha', name: 'one', url: node.url }], {
    access: deployment.settings,
    meter: { ...billing.settings, directory: join(folder, 'meter'), ...meter },
    keys: [{ name: 'configured', key: 'configured-key-0123456789', tier: 'premium' }],
    cacheBytesMax: 0,
    ...settings,
  })
}

type Sent = { status: number; failure: string | undefined; charged: number; left: number | null }

async function send(body: unknown, own: { key?: string | undefined } = { key }): Promise<Sent> {
  const path = own.key === undefined ? `/${testChain}` : `/${testChain}/${own.key}`
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await gateway.post(text, { path, headers: { 'x-mooring-credits': '1' } })
  const answer = (await response.json()) as { error?: { data?: { failure?: string } } }
  const left = response.headers.get('x-credits-left')
  return {
    status: response.status,
    failure: answer.error?.data?.failure,
    charged: Number(response.headers.get('x-credits-charged')),
    left: left === null ? null : Number(left),
  }
}

const call = (
  method = 'eth_call',
  params: unknown[] = [{ to: `0x${'c0'.repeat(20)}` }, 'latest'],
) => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  params,
})

const chargedInBooks = () => ledger.usage.reduce((sum, { credits }) => sum + credits, 0)

const relayed = () => node.requests.filter(({ method }) => method === 'eth_call').length

describe('a metered gateway', () => {
  test('charges what it serves, tells so, and posts it', async () => {
    ledger.fund(testAccount, 100_000)
    const once = { status: 200, failure: undefined, charged: price }
    expect(await send(call())).toEqual({ ...once, left: 100_000 - price })
    expect(await send(call())).toEqual({ ...once, left: 100_000 - 2 * price })
    await until(() => chargedInBooks() === 2 * price)
    const facts = { account: testAccount, key: '', chain: testChain, method: 'eth_call' }
    for (const line of ledger.usage) expect(line).toMatchObject({ ...facts, status: 'ok' })
    expect(ledger.uncollected + ledger.late).toBe(0n)
  })

  test('counts who pays nothing, and charges and holds up nobody', async () => {
    ledger.isAway = true
    expect(await send(call(), {})).toMatchObject({ status: 200, charged: 0, left: null })
    expect(await send(call(), { key: 'configured-key-0123456789' })).toMatchObject({ status: 200 })
    ledger.isAway = false
    await until(() => ledger.usage.length === 2)
    expect(ledger.usage.map(({ account, key, credits }) => ({ account, key, credits }))).toEqual([
      { account: null, key: '', credits: 0 },
      { account: null, key: 'configured', credits: 0 },
    ])
  })

  test('charges a key with a limit of the day to a purse of its own', async () => {
    ledger.fund(testAccount, 100_000)
    const id = crypto.randomUUID()
    const project = deployment.addProjectKey({ id, creditsPerDayMax: String(2 * price + 1) })
    ledger.keyRooms.set(id, BigInt(2 * price + 1))
    expect(await send(call(), project)).toMatchObject({ status: 200, charged: price })
    expect(await send(call(), project)).toMatchObject({ status: 200, charged: price })
    expect(await send(call(), project)).toMatchObject({ status: 402, failure: 'PAYMENT_REQUIRED' })
    // Other keys of the account go on.
    expect(await send(call())).toMatchObject({ status: 200, charged: price })
    await until(() => chargedInBooks() === 3 * price)
    expect(ledger.usage.filter(({ key }) => key === id)[0]).toMatchObject({ ownPurse: true })
  })

  test('serves nothing that is not paid, asks the ledger once for it, and goes on after a deposit', async () => {
    ledger.fund(testAccount, 2 * price + 10)
    for (let time = 0; time < 2; time++) expect((await send(call())).status).toBe(200)
    const refused = await gateway.post(JSON.stringify(call()), { path: `/${testChain}/${key}` })
    expect(refused.status).toBe(402)
    expect(await refused.json()).toMatchObject({
      error: { code: -32_060, data: { failure: 'PAYMENT_REQUIRED', reason: 'exhausted' } },
    })
    const before = relayed()
    const posts = ledger.posts.length
    const all = await Promise.all(Array.from({ length: 50 }, () => send(call())))
    expect(all.every(({ status }) => status === 402)).toBeTrue()
    expect(relayed()).toBe(before)
    expect(ledger.posts.length - posts).toBeLessThan(5)
    ledger.fund(testAccount, 100_000)
    await until(async () => (await send(call())).status === 200)
    ledger.frozen.add(testAccount)
    ledger.recalls.add(testAccount)
    await until(async () => (await send(call())).failure === 'UNAUTHENTICATED')
    expect(ledger.uncollected + ledger.late).toBe(0n)
  })

  test('lets two who race for the last credits have them once', async () => {
    ledger.fund(testAccount, 10 * price)
    const all = await Promise.all(Array.from({ length: 40 }, () => send(call())))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(10)
    await until(() => chargedInBooks() === 10 * price)
    expect(ledger.balanceOf(testAccount).credits).toBe(0)
  })
})

describe('the price is the same however a call is sent (charge evasion):', () => {
  const text = (method: string, more = '') =>
    `{"jsonrpc":"2.0","id":1,${more}"method":${method},"params":[{"to":"0x${'c0'.repeat(20)}"},"latest"]}`
  const plain = text('"eth_call"')
  const cases: { what: string; body: string; served: number }[] = [
    { what: 'plainly', body: plain, served: 1 },
    { what: 'with an id of null', body: plain.replace('"id":1', '"id":null'), served: 1 },
    { what: 'with an id that is a text', body: plain.replace('"id":1', '"id":"x"'), served: 1 },
    { what: 'with its method escaped', body: text('"eth\\u005fcall"'), served: 1 },
    {
      what: 'with another method before',
      body: text('"eth_call"', '"method":"eth_chainId",'),
      served: 1,
    },
    { what: 'with blanks around', body: ` \n${plain.replaceAll(',', ' ,\t')}\r\n`, served: 1 },
    { what: 'in a batch of one', body: `[${plain}]`, served: 1 },
    {
      what: 'in a batch of three',
      body: `[${[1, 2, 3].map((id) => plain.replace('"id":1', `"id":${id}`)).join()}]`,
      served: 3,
    },
    {
      what: 'in a batch beside what is refused',
      body: `[${plain},{"jsonrpc":"2.0","id":2,"method":"admin_peers"},7]`,
      served: 1,
    },
    { what: 'in a batch with an id twice', body: `[${plain},${plain}]`, served: 0 },
    { what: 'as a notification', body: plain.replace('"id":1,', ''), served: 0 },
    { what: 'in another case', body: text('"ETH_CALL"'), served: 0 },
    { what: 'without a method', body: plain.replace('"method":"eth_call",', ''), served: 0 },
    { what: 'cut off', body: plain.slice(0, -1), served: 0 },
    { what: 'with a method of the prototype', body: text('"constructor"'), served: 0 },
  ]

  test.each(cases)('$what', async ({ body, served }) => {
    ledger.fund(testAccount, 100_000)
    const { charged } = await send(body)
    expect(charged).toBe(served * price)
    // Those who ask the same at once share one relay, and each pays for it.
    expect(relayed()).toBe(Math.min(1, served))
    await until(() => chargedInBooks() === served * price)
  })

  test('under a name that nobody knows, which costs what any unknown method does', async () => {
    ledger.fund(testAccount, 100_000)
    const { defaultCredits = 0 } = newestTable.table.families.evm ?? {}
    for (const name of ['eth_call ', 'eth_madeUp', 'eth_calL']) {
      expect((await send(call(name))).charged).toBe(defaultCredits)
    }
    expect(defaultCredits).toBeGreaterThanOrEqual(price)
    await until(() => chargedInBooks() === 3 * defaultCredits)
    // There is no end to such names, so none of them is kept.
    for (const { method } of ledger.usage) expect(method).toBe('other')
  })

  test('with GET', async () => {
    ledger.fund(testAccount, 100_000)
    const url = `${gateway.url}/${testChain}/${key}?method=eth_call`
    expect((await fetch(url)).status).toBe(405)
    expect(relayed()).toBe(0)
  })

  test('and again, from the cache, joined, or answered by the gateway itself', async () => {
    await gateway[Symbol.asyncDispose]()
    gateway = await startGateway({}, { cacheBytesMax: 1_000_000 })
    ledger.fund(testAccount, 100_000)
    const old = call('eth_call', [{ to: `0x${'c0'.repeat(20)}` }, '0x1'])
    const all = await Promise.all([old, old, old].map((each) => send(each)))
    const { charged } = await send(old)
    expect([...all, { charged }].map((each) => each.charged)).toEqual(Array(4).fill(price))
    expect(relayed()).toBeLessThan(4)
    const local = await send(call('eth_chainId', []))
    expect(local.charged).toBeGreaterThan(0)
    await until(() => chargedInBooks() === 4 * price + local.charged)
  })
})

describe('what is charged follows from how it ends (refund abuse):', () => {
  const nativeError = (code: number, message: string) => ({ error: { code, message } })
  const cases: { what: string; reply: ScriptedReply; failure?: string; isCharged: boolean }[] = [
    { what: 'a result', reply: { result: '0x1' }, isCharged: true },
    { what: 'a null', reply: { result: null }, isCharged: true },
    {
      what: 'a revert',
      reply: nativeError(3, 'execution reverted'),
      failure: 'EXECUTION_REVERTED',
      isCharged: true,
    },
    {
      what: 'a node that breaks',
      reply: { status: 500, body: 'broken' },
      failure: 'UPSTREAM_FAILED',
      isCharged: false,
    },
    {
      what: 'an answer that is none',
      reply: { status: 200, body: '{"jsonrpc":"2.0","id":1,"result' },
      failure: 'UPSTREAM_MALFORMED',
      isCharged: false,
    },
  ]

  test.each(cases)('$what', async ({ reply: given, failure, isCharged }) => {
    ledger.fund(testAccount, 100_000)
    reply = given
    const sent = await send(call())
    expect(sent.charged).toBe(isCharged ? price : 0)
    // What was set aside is left again, to the last credit.
    expect(sent.left).toBe(100_000 - (isCharged ? price : 0))
    await until(() => ledger.usage.length === 1)
    expect(ledger.usage[0]).toMatchObject({
      status: failure ?? 'ok',
      credits: isCharged ? price : 0,
      requests: 1,
    })
  })

  test('an answer that is too long is charged, and says which limit it is over', async () => {
    await gateway[Symbol.asyncDispose]()
    gateway = await startGateway({}, { answerBytesMax: 2_000 })
    ledger.fund(testAccount, 100_000)
    reply = { result: `0x${'c0'.repeat(2_000)}` }
    const sent = await send(call())
    expect(sent).toMatchObject({ status: 400, failure: 'ANSWER_TOO_LARGE', charged: price })
    const told = await gateway.post(JSON.stringify(call()), { path: `/${testChain}/${key}` })
    const { error } = (await told.json()) as { error: { message: string } }
    expect(error.message).toContain('Ask for less')
    expect(error.message).toContain('longer than 2000 bytes')
  })

  describe('failures that a request may have provoked', () => {
    const heavy = call('eth_call', [{ to: `0x${'ba'.repeat(20)}` }, 'latest'])
    const oddError = nativeError(-32_000, 'something nobody has heard of')
    const start = async (freeFailures: object) => {
      await gateway[Symbol.asyncDispose]()
      gateway = await startGateway({ freeFailures })
      ledger.fund(testAccount, 1_000_000)
    }
    const fail = async (count: number) => {
      const charged: number[] = []
      for (let time = 0; time < count; time++) {
        const sent = await send(heavy)
        expect(sent.status).toBe(200)
        charged.push(sent.charged)
      }
      return charged.filter((credits) => credits === price).length
    }

    test('are charged beyond what is free, while others are served', async () => {
      await start({ burstCredits: 3 * price, chargedShareMax: 0 })
      node.follow(
        healthy({
          chainId: testChainId,
          head: () => 5_000,
          rest: ({ params }) =>
            JSON.stringify(params).includes('baba') ? oddError : { result: '0xc0' },
        }),
      )
      for (let time = 0; time < 5; time++) expect((await send(call(), {})).status).toBe(200)
      expect(await fail(10)).toBe(7)
      // What is in order goes on, and costs what it did.
      expect(await send(call())).toMatchObject({ status: 200, charged: price })
      await until(() => chargedInBooks() === 8 * price)
      const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
      expect(metrics).toContain(
        'mooring_gateway_meter_charged_failures_total{failure="UPSTREAM_FAILED"} 7',
      )
    })

    test('are never charged in an outage, which others have as well', async () => {
      await start({ burstCredits: 0, chargedShareMax: 0 })
      reply = oddError
      const others = [{}, { key: 'configured-key-0123456789' }]
      await until(async () => {
        for (const other of others) await send(call(), other)
        // Until it was looked at whom requests fail for.
        return (await fail(1)) === 0
      })
      expect(await fail(30)).toBe(0)
    })
  })

  test('what is refused before anybody is asked costs nothing, and no credit is asked for', async () => {
    ledger.fund(testAccount, 100_000)
    const range = [{ fromBlock: '0x0', toBlock: '0xffffff' }]
    for (const body of [call('eth_getLogs', range), call('admin_peers', [])]) {
      expect((await send(body)).charged).toBe(0)
    }
    await until(() => ledger.usage.length === 2)
    expect(ledger.balanceOf(testAccount)).toEqual({ credits: 100_000, leased: 0 })
  })
})

describe('when the ledger', () => {
  test('does not answer, what is leased is used up and then nothing is served for credits', async () => {
    ledger.leaseMs = 1_500
    await restart()
    ledger.fund(testAccount, 100_000)
    expect((await send(call())).status).toBe(200)
    ledger.isAway = true
    expect((await send(call())).status).toBe(200)
    await until(async () => (await send(call())).failure === 'LEDGER_AWAY')
    expect(await send(call())).toMatchObject({ status: 503, charged: 0 })
    expect(await send(call(), {})).toMatchObject({ status: 200 })
    expect(await meterState()).toMatchObject({ state: 'ledgerAway', leaseMs: 0 })
    ledger.isAway = false
    await until(async () => (await send(call())).status === 200)
    await settled()
    expect(ledger.uncollected).toBe(0n)
  })

  test('does what it is asked and its answers are lost, nothing is charged twice', async () => {
    ledger.fund(testAccount, 1_000_000)
    let served = 0
    for (let round = 0; round < 6; round++) {
      ledger.losesAnswers = round % 2 === 1
      const all = await Promise.all(Array.from({ length: 4 }, () => send(call())))
      served += all.filter(({ status }) => status === 200).length
      await Bun.sleep(120)
    }
    ledger.losesAnswers = false
    expect(served).toBeGreaterThan(12)
    await until(() => chargedInBooks() === served * price)
    await settled()
    expect(chargedInBooks()).toBe(served * price)
    expect(ledger.late + ledger.uncollected).toBe(0n)
  })

  test('has closed the epoch after a long silence, another one begins', async () => {
    ledger.leaseMs = 900
    await restart()
    ledger.fund(testAccount, 100_000)
    await send(call())
    ledger.isAway = true
    await until(async () => (await send(call())).failure === 'LEDGER_AWAY')
    const before = (await meterState()).epoch
    ledger.closeAll()
    ledger.isAway = false
    await until(async () => (await send(call())).status === 200)
    expect((await meterState()).epoch).toBeGreaterThan(before ?? 0)
    await settled()
    expect(ledger.uncollected).toBe(0n)
  })

  test('has closed the epoch while requests are on their way, the next one posts and charges them', async () => {
    ledger.fund(testAccount, 100_000)
    expect((await send(call())).status).toBe(200)
    const { promise: isLetGo, resolve: letGo } = Promise.withResolvers<ScriptedReply>()
    reply = isLetGo
    const onItsWay = send(call())
    await until(() => relayed() === 2)
    reply = undefined
    const before = (await meterState()).epoch ?? 0
    ledger.closeAll()
    await until(async () => ((await meterState()).epoch ?? 0) > before)
    letGo({ result: '0xc0' })
    expect(await onItsWay).toMatchObject({ status: 200, charged: price })
    await until(() => chargedInBooks() === 2 * price)
    expect((await send(call())).status).toBe(200)
    await until(() => chargedInBooks() === 3 * price)
    expect(ledger.uncollected).toBe(0n)
  })

  test('has given the name to another process, this one serves nothing for credits any more', async () => {
    ledger.fund(testAccount, 100_000)
    let charged = (await send(call())).charged
    ledger.begin(billing.settings.instance)
    await until(async () => {
      const sent = await send(call())
      charged += sent.charged
      return sent.failure === 'METER_STOPPED'
    })
    expect(await send(call(), {})).toMatchObject({ status: 200 })
    expect((await meterState()).state).toBe('fenced')
    await until(() => ledger.usage.some(({ account }) => account === null))
    // What it had served until then is told all the same.
    await until(() => chargedInBooks() === charged)
  })

  test('has never heard of the epoch, another one begins and the log of the first is kept', async () => {
    ledger.fund(testAccount, 100_000)
    await send(call())
    await settled()
    ledger.forget()
    await send(call())
    await until(async () => (await meterState()).epoch === 2)
    await until(async () => (await send(call())).status === 200)
    expect(framesFiles().some((name) => name.startsWith('000000000001-'))).toBeTrue()
  })

  test('names prices that are not here, nothing is served for credits until they are', async () => {
    ledger.fund(testAccount, 100_000)
    await send(call())
    ledger.prices = { hash: `0x${'ab'.repeat(32)}`, next: null }
    await until(async () => (await send(call())).failure === 'METER_STOPPED')
    expect((await meterState()).state).toBe('noPrices')
    expect(await send(call(), {})).toMatchObject({ status: 200 })
    ledger.prices = { hash: newestTable.hash, next: null }
    await until(async () => (await send(call())).status === 200)
  })

  test('asks for leases back, all that is not needed is given at once', async () => {
    ledger.fund(testAccount, 100_000)
    await send(call())
    await settled()
    expect(ledger.balanceOf(testAccount).leased).toBeGreaterThan(0)
    ledger.recalls.add(testAccount)
    await send(call(), {})
    await until(() => ledger.balanceOf(testAccount).leased === 0)
  })
})

describe('its log', () => {
  test('belongs to one gateway, and is empty after one has stopped', async () => {
    ledger.fund(testAccount, 100_000)
    await send(call())
    expect(startGateway()).rejects.toThrow('every process needs a meter.directory of its own')
    await gateway.stop()
    expect(framesFiles()).toEqual([])
    expect(chargedInBooks()).toBe(price)
    expect(ledger.posts.at(-1)).toMatchObject({ closes: true })
    expect(ledger.balanceOf(testAccount).leased).toBe(0)
  })

  test('that a gateway could not post is posted by the next one', async () => {
    ledger.fund(testAccount, 100_000)
    await send(call())
    ledger.isAway = true
    expect((await send(call())).status).toBe(200)
    await gateway.stop()
    expect(framesFiles()).not.toEqual([])
    ledger.isAway = false
    gateway = await startGateway()
    await until(() => chargedInBooks() === 2 * price)
    expect(ledger.balanceOf(testAccount).leased).toBe(0)
    await until(() => framesFiles().every((name) => name.startsWith('000000000002-')))
  })
})

async function restart(): Promise<void> {
  await gateway.stop()
  gateway = await startGateway()
}

async function meterState(): Promise<MeterReport> {
  return (await (await fetch(`${gateway.adminUrl}/v1/meter`)).json()) as MeterReport
}

/** Waits until the ledger has all that is written. */
async function settled(): Promise<void> {
  await until(async () => {
    const { frames } = await meterState()
    return frames.stored === frames.confirmed
  })
}

function framesFiles(): string[] {
  return readdirSync(join(folder, 'meter')).filter((name) => name.endsWith('.frames'))
}
