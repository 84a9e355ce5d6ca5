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
import type { CopyList } from '@mooring/protocol/metering/copies'
import type { MeterReport } from '@mooring/protocol/reports/meter'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { checkBooks } from '@mooring/store/ledger/check'
import { checkUsage } from '@mooring/store/ledger/check-usage'
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
import { startWitnessProcess, type WitnessProcess } from '@mooring/testkit/witness'

// Room for a slow machine.
setDefaultTimeout(120_000)

const sendersAtOnce = 8
const price = createPricing(newestTable.table).priceOf({
  family: 'evm',
  method: 'eth_call',
  transport: 'http',
})
/** Nothing is posted of itself: leases outlive it, and only the first post of each gateway asks for one. */
const meter = { leaseMs: 3_000, graceMs: 1_000, postMs: 60_000, sweepIntervalMs: 200 }

const stack = new AsyncDisposableStack()
let database: Database
let billing: BillingProcess
let witnesses: WitnessProcess[]
let deployment: TestDeployment
let node: ScriptedUpstream
let folder: string
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  const chain = stack.use(await openDepositChain())
  folder = await mkdtemp(join(tmpdir(), 'mooring-lost-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'deployment.json')
  await writeFile(file, formatDeployment(chain.system.deployment))
  const databaseUrl = await postgres.createDatabase('lost')
  database = stack.use(await openDatabase(databaseUrl))
  witnesses = await Promise.all([startWitness(), startWitness()])
  billing = stack.use(
    await startBillingProcess({
      config: {
        databaseUrl,
        chain: { deployment: file, rpcUrl: chain.anvil.url },
        meter: { ...meter, witnesses: witnesses.map(settingsOf), copiesIntervalMs: 200 },
      },
    }),
  )
  deployment = stack.use(await startDeployment())
  node = stack.use(
    startScriptedUpstream(
      healthy({ chainId: 31_337, head: () => 5_000, rest: () => ({ result: '0x1' }) }),
    ),
  )
})
afterAll(() => stack.disposeAsync())

const settingsOf = ({ url, credential }: WitnessProcess) => ({ url, credential })

async function startWitness(): Promise<WitnessProcess> {
  return stack.use(await startWitnessProcess())
}

function startCopied(instance: string): Promise<GatewayProcess> {
  const { url, credential } = billing
  return startGateway({
    config: {
      access: deployment.settings,
      meter: {
        ...{ billing: { url, credential }, instance, directory: join(folder, instance) },
        ...{ durability: 'copy', copies: witnesses.map(settingsOf) },
      },
      cacheBytesMax: 0,
      chains: { local_one: { upstreams: [{ provider: 'alpha', name: 'one', url: node.url }] } },
    },
  })
}

async function createConsumer(): Promise<{ account: string; key: string }> {
  const address = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('hex')
  const account = `eip155:31337:0x${address}`
  await fund(database, account, { tokens: 10n ** 24n, credits: 10n ** 9n })
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

async function expectSound(account: string): Promise<void> {
  expect(await checkBooks(database)).toEqual([])
  expect(await checkUsage(database)).toEqual([])
  const [uncollected] = await database.sql`select count(*) from uncollected`
  expect(uncollected.count).toBe('0')
  const [holding] = await listHoldings(database.sql, account)
  expect(holding?.leased).toBe(0n)
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 45_000
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not true in time: ${condition}`)
    await Bun.sleep(50)
  }
}

async function reportOf({ adminUrl }: GatewayProcess): Promise<MeterReport> {
  // The gateway writes it.
  return (await (await fetch(`${adminUrl}/v1/meter`)).json()) as MeterReport
}

/** Kills the process and takes all that it wrote, as where its machine is gone. */
async function lose(gateway: GatewayProcess, instance: string): Promise<void> {
  process.kill(gateway.pid, 'SIGKILL')
  await rm(join(folder, instance), { recursive: true })
  await gateway.stop()
}

async function kept(): Promise<CopyList['copies']> {
  const lists = await Promise.all(
    witnesses.map(async (witness) => {
      // The witness writes it.
      return ((await (await witness.ask('/v1/copies')).json()) as CopyList).copies
    }),
  )
  return lists.flat()
}

test('a gateway that is lost with its machine has charged all that it has answered, and nothing twice', async () => {
  const { account, key } = await createConsumer()
  const gateway = await startCopied('lost')
  let served = 0
  await until(async () => (await ask(gateway, key)) === 200 && ++served > 0)
  let isOver = false
  const senders = Array.from({ length: sendersAtOnce }, async () => {
    while (!isOver) if ((await ask(gateway, key)) === 200) served++
  })
  await Bun.sleep(700)
  const before = await chargedTo(account)
  await lose(gateway, 'lost')
  isOver = true
  await Promise.all(senders)
  // Otherwise there would be nothing to charge by copies.
  expect(before).toBeLessThan(served * price)
  await until(async () => (await chargedTo(account)) >= served * price)
  await until(async () => (await kept()).length === 0)
  const charged = await chargedTo(account)
  expect(served).toBeGreaterThan(sendersAtOnce)
  // What was written when it was lost is charged; the replies of it may not have left.
  expect(charged).toBeLessThanOrEqual((served + sendersAtOnce) * price)
  await expectSound(account)
})

test('without enough witnesses nothing is served for credits, and with one of them it goes on', async () => {
  const { account, key } = await createConsumer()
  const gateway = await startCopied('witnessless')
  let served = 0
  await until(async () => (await ask(gateway, key)) === 200 && ++served > 0)
  const again = witnesses.map((witness) => ({
    ...{ port: Number(new URL(witness.url).port), credential: witness.credential },
    directory: join(folder, `witness-${new URL(witness.url).port}`),
  }))
  for (const witness of witnesses) await witness.stop()
  expect(await ask(gateway, key)).toBe(503)
  await until(async () => (await reportOf(gateway)).state === 'cannotWrite')
  expect((await reportOf(gateway)).copies?.witnesses.map(({ answers }) => answers)).toEqual([
    false,
    false,
  ])
  // It has lost all that it had, and is sent it again.
  witnesses = [stack.use(await startWitnessProcess(again[0])), ...witnesses.slice(1)]
  await until(async () => (await ask(gateway, key)) === 200 && ++served > 0)
  await lose(gateway, 'witnessless')
  // One of them may have what the other has not.
  await Bun.sleep(meter.leaseMs + meter.graceMs + 1_000)
  expect(await chargedTo(account)).toBeLessThan(served * price)
  witnesses = [...witnesses.slice(0, 1), stack.use(await startWitnessProcess(again[1]))]
  await until(async () => (await chargedTo(account)) >= served * price)
  await until(async () => (await kept()).length === 0)
  expect(await chargedTo(account)).toBe(served * price)
  await expectSound(account)
})
