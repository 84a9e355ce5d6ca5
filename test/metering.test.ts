import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  startDeployment,
  type TestDeployment,
} from '@mooring/gateway/access/test/deployment.fixtures'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { createPricing } from '@mooring/market/pricing/pricing'
import { formatDeployment } from '@mooring/onchain/deployment'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { checkBooks } from '@mooring/store/ledger/check'
import { listHoldings } from '@mooring/store/ledger/holdings'
import { fund } from '@mooring/store/ledger/ledger.fixtures'
import { type BillingProcess, startBillingProcess } from '@mooring/testkit/billing'
import { openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { type GatewayProcess, startGateway } from '@mooring/testkit/gateway'
import {
  healthy,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'

// Room for a slow machine.
setDefaultTimeout(120_000)

/** Longer runs of the same: MOORING_METER_KILLS=200. */
const kills = Number(process.env.MOORING_METER_KILLS ?? 4)
const sendersAtOnce = 8
const price = createPricing(newestTable.table).priceOf({
  family: 'evm',
  method: 'eth_call',
  transport: 'http',
})

const stack = new AsyncDisposableStack()
let database: Database
let billing: BillingProcess
let deployment: TestDeployment
let node: ScriptedUpstream
let folder: string
/** The node answers nothing while it is set. */
let isNodeSilent = false
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  const chain = stack.use(await openDepositChain())
  folder = await mkdtemp(join(tmpdir(), 'mooring-metering-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'deployment.json')
  await writeFile(file, formatDeployment(chain.system.deployment))
  const databaseUrl = await postgres.createDatabase('metering')
  database = stack.use(await openDatabase(databaseUrl))
  billing = stack.use(
    await startBillingProcess({
      config: { databaseUrl, chain: { deployment: file, rpcUrl: chain.anvil.url } },
    }),
  )
  deployment = stack.use(await startDeployment())
  node = stack.use(
    startScriptedUpstream(
      healthy({
        chainId: 31_337,
        head: () => 5_000,
        rest: () => (isNodeSilent ? new Promise(() => {}) : { result: '0x1' }),
      }),
    ),
  )
})
afterAll(() => stack.disposeAsync())

function startMetered(instance: string): Promise<GatewayProcess> {
  const { url, credential } = billing
  return startGateway({
    config: {
      access: deployment.settings,
      meter: { billing: { url, credential }, instance, directory: join(folder, instance) },
      cacheBytesMax: 0,
      chains: { local_one: { upstreams: [{ provider: 'alpha', name: 'one', url: node.url }] } },
    },
  })
}

/** An account with credits of its own, and a key to it. */
async function createConsumer(credits: bigint): Promise<{ account: string; key: string }> {
  const address = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('hex')
  const account = `eip155:31337:0x${address}`
  await fund(database, account, { tokens: credits * 10n ** 15n, credits })
  return { account, key: deployment.issue({ sub: account }).key }
}

let lastId = 0
/** @returns The status, or undefined where the gateway was gone. */
async function ask(gateway: { url: string }, key: string): Promise<number | undefined> {
  // Each asks for something else: those who ask the same share a relay, and this is about all of them.
  const params = [{ to: `0x${(++lastId).toString(16).padStart(40, '0')}` }, 'latest']
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_call', params })
  try {
    const response = await fetch(`${gateway.url}/local_one/${key}`, { method: 'POST', body })
    await response.text()
    return response.status
  } catch {
    return undefined
  }
}

async function chargedTo(account: string): Promise<number> {
  const [row] = await database.sql<{ sum: string | null }[]>`
    select sum(credits) from usage where account = ${account}`
  return Number(row?.sum ?? 0)
}

async function uncollectedOf(account: string): Promise<number> {
  const [row] = await database.sql<{ sum: string | null }[]>`
    select sum(credits) from uncollected where account = ${account}`
  return Number(row?.sum ?? 0)
}

async function leasedOf(account: string): Promise<bigint> {
  const [holding] = await listHoldings(database.sql, account)
  return holding?.leased ?? 0n
}

async function expectSound(account: string): Promise<void> {
  expect(await checkBooks(database)).toEqual([])
  expect(await uncollectedOf(account)).toBe(0)
  expect(await leasedOf(account)).toBe(0n)
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not true in time: ${condition}`)
    await Bun.sleep(50)
  }
}

test('a gateway that is killed again and again charges all it has served, and nothing twice', async () => {
  const { account, key } = await createConsumer(10n ** 9n)
  let served = 0
  for (let kill = 0; kill < kills; kill++) {
    const gateway = await startMetered('killed')
    await until(async () => (await ask(gateway, key)) === 200 && ++served > 0)
    let isOver = false
    const senders = Array.from({ length: sendersAtOnce }, async () => {
      while (!isOver) if ((await ask(gateway, key)) === 200) served++
    })
    await Bun.sleep(300 + ((kill * 137) % 400))
    process.kill(gateway.pid, 'SIGKILL')
    await Bun.sleep(20)
    isOver = true
    await Promise.all(senders)
    await gateway.stop()
  }
  const last = await startMetered('killed')
  await until(async () => (await chargedTo(account)) >= served * price)
  await last.stop()
  const charged = await chargedTo(account)
  expect(served).toBeGreaterThan(kills * sendersAtOnce)
  // What was written when it was killed is charged; the replies of it may not have left.
  expect(charged).toBeLessThanOrEqual((served + kills * sendersAtOnce) * price)
  await expectSound(account)
})

test('what a gateway was leased and has used nothing of is free as soon as the next one runs', async () => {
  const { account, key } = await createConsumer(10n ** 9n)
  const gateway = await startMetered('unused')
  isNodeSilent = true
  const asked = ask(gateway, key)
  await until(async () => (await leasedOf(account)) > 0n)
  process.kill(gateway.pid, 'SIGKILL')
  expect(await asked).toBeUndefined()
  isNodeSilent = false
  await gateway.stop()
  const next = await startMetered('unused')
  // Long before the billing service gives up an epoch that is silent.
  await until(async () => (await leasedOf(account)) === 0n)
  await next.stop()
  expect(await chargedTo(account)).toBe(0)
  await expectSound(account)
})

test('gateways that race for the last credits of an account serve no more than there are', async () => {
  const payable = 60
  const { account, key } = await createConsumer(BigInt(payable * price + 7))
  const gateways = await Promise.all([startMetered('racing-1'), startMetered('racing-2')])
  let served = 0
  await Promise.all(
    Array.from({ length: 12 }, async (_, at) => {
      const gateway = gateways[at % 2]
      if (gateway === undefined) return
      for (let sent = 0; sent < 15; sent++) {
        const status = await ask(gateway, key)
        if (status === 200) served++
        else expect(status).toBe(402)
      }
    }),
  )
  expect(served).toBeLessThanOrEqual(payable)
  // One may hold what the other lacks, no more than it aims to hold.
  expect(served).toBeGreaterThan(payable / 2)
  await Promise.all(gateways.map((gateway) => gateway.stop()))
  expect(await chargedTo(account)).toBe(served * price)
  await expectSound(account)
})
