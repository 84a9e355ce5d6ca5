import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { yearSeconds } from '@mooring/market/network/apr'
import type { EpochFile } from '@mooring/market/settlement/epoch-data'
import { readPart } from '@mooring/onchain/contracts'
import { formatDeployment } from '@mooring/onchain/deployment'
import type {
  NetworkDemand,
  NetworkEpochs,
  NetworkProviderDetail,
  NetworkProviders,
} from '@mooring/protocol/reports/network'
import { openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { delegation, playNetwork } from '@mooring/testkit/played-network'
import { chromium } from 'playwright-core'
import { ask, startForTest, until } from '../billing.fixtures.ts'
import { demandSchema, epochsSchema, providerSchema, providersSchema } from './schema.ts'

// Room for a slow machine.
setDefaultTimeout(120_000)

const stack = new AsyncDisposableStack()
let url: string
let economy: LocalEconomy
let made: EpochFile
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  const anvil = stack.use(await startAnvil({ chainId: 31_337 }))
  economy = await loadEconomy(anvil)
  const folder = await mkdtemp(join(tmpdir(), 'mooring-network-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const deployment = join(folder, 'deployment.json')
  await writeFile(deployment, formatDeployment(economy.deployment))
  const databaseUrl = await postgres.createDatabase('network')
  const database = stack.use(await openDatabase(databaseUrl))
  made = (await playNetwork(economy, anvil, database)).made
  const billing = stack.use(
    await startForTest({
      ...{ databaseUrl, chain: { deployment, rpcUrl: anvil.url }, network: { intervalMs: 200 } },
      // What is closed here is played.
      epochs: { intervalMs: 86_400_000, closeAfterSeconds: 2_592_000 },
    }),
  )
  url = billing.url
  await until('both epochs', async () => {
    const { body } = await ask<NetworkEpochs>(url, '/v1/network/epochs')
    return body.epochs?.length === 2
  })
})
afterAll(() => stack.disposeAsync())

const get = async <T>(path: string) => (await ask<T>(url, `/v1/network${path}`)).body

describe('a provider', () => {
  test('is told of with stake, nodes and what it earned, split as the contract splits it', async () => {
    const one = await get<NetworkProviderDetail>('/providers/1')
    expect(providerSchema.parse(one)).toEqual(one)
    const number = made.data.epoch.number
    const earned = made.data.payouts[0]?.amount ?? 0n
    expect(earned > 0n).toBe(true)
    expect(one).toMatchObject({ earned: String(earned), commissionPpm: '100000', missedEpochs: 0 })
    expect(one).toMatchObject({ delegated: String(delegation), nodes: { active: 1, total: 1 } })
    expect(one.nodeList[0]).toMatchObject({ serving: true, region: 'local', chains: ['eth'] })
    expect(one.epochs[0]).toMatchObject({ epoch: String(number), state: 'made' })
    const question = [1n, number, number, earned] as const
    const [, toDelegators] = await readPart(economy, 'distributor', 'splitOf', question)
    expect(one.epochs[0]?.split?.toDelegators).toBe(String(toDelegators))
    // All delegation counted over both epochs; the first one earned nothing.
    const seconds = made.data.epoch.to - BigInt(one.epochs[1]?.from ?? 0)
    expect(one.aprPpm).toBe(
      String((toDelegators * yearSeconds * 1_000_000n) / (delegation * seconds)),
    )
  })

  test('has missed an epoch in which nobody asked its active node', async () => {
    const two = await get<NetworkProviderDetail>('/providers/2')
    expect(two).toMatchObject({ name: null, earned: '0', qualityPpm: null, aprPpm: null })
    expect(two.epochs.map(({ missed }) => missed)).toEqual(['no-relays', null])
  })

  test('has a name that can do nothing on a terminal, and none where the chain holds none', async () => {
    const { name } = await get<NetworkProviderDetail>('/providers/1')
    expect(name).toBe('<img src=x onerror="document.title=1">')
  })

  test('that there is not is refused', async () => {
    expect(await ask<unknown>(url, '/v1/network/providers/9')).toEqual({
      status: 404,
      body: { error: 'there is no provider 9' },
    })
    expect((await ask<unknown>(url, '/v1/network/providers/x')).status).toBe(400)
  })
})

test('providers come by stake, page by page', async () => {
  const first = await get<NetworkProviders>('/providers?limit=1')
  expect(providersSchema.parse(first)).toEqual(first)
  expect(first).toMatchObject({ total: 2, known: 2, providers: [{ id: '1' }] })
  const second = await get<NetworkProviders>(`/providers?limit=1&cursor=${first.next}`)
  expect(second).toMatchObject({ providers: [{ id: '2' }], next: null })
  for (const query of ['limit=0', 'limit=101', 'cursor=1', 'cursor=-1-1']) {
    expect((await ask<unknown>(url, `/v1/network/providers?${query}`)).status).toBe(400)
  }
})

test('epochs have their sums', async () => {
  const list = await get<NetworkEpochs>('/epochs')
  expect(epochsSchema.parse(list)).toEqual(list)
  const [newest, older] = list.epochs
  expect(newest).toMatchObject({ state: 'made', charged: '3000', providers: 1 })
  expect(BigInt(newest?.paid ?? 0) + BigInt(newest?.withheld ?? 0)).toBe(900n * 10n ** 18n)
  expect(older).toMatchObject({ state: 'posted', charged: '0', paid: '0', firstEpoch: '0' })
})

test('demand is ranked by what waits, with regions', async () => {
  const demand = await get<NetworkDemand>('/demand')
  expect(demandSchema.parse(demand)).toEqual(demand)
  expect(demand.chains).toMatchObject([
    { chain: 'bsc', cause: 'no-nodes', waiting: '500', plainPpm: '1000000', nodes: 0 },
    { chain: 'eth', cause: 'none', waiting: '0', nodes: 2, creditsPerNode: '500' },
  ])
  expect(demand.chains[1]?.regions).toEqual([
    { region: 'local', nodes: 2, relayed: '1000', creditsPerNode: '500' },
  ])
})

test('every page may read it, and its description names every path', async () => {
  const response = await fetch(`${url}/v1/network/epochs`, {
    headers: { origin: 'https://a.test' },
  })
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.get('cache-control')).toBe('public, max-age=5')
  const document = await get<{ paths: object }>('/openapi.json')
  expect(Object.keys(document.paths)).toEqual([
    '/providers',
    '/providers/{id}',
    '/epochs',
    '/demand',
  ])
})

const executablePath = Bun.which('chromium')

// Not every machine has a browser. The CI script installs one, so there it always runs.
test.skipIf(executablePath === null)(
  'the page shows providers, demand and epochs, and takes names for text',
  async () => {
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic']
    const browser = await chromium.launch({ executablePath: executablePath ?? '', args })
    try {
      const page = await browser.newPage()
      const problems: string[] = []
      page.on('pageerror', ({ message }) => problems.push(message))
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text())
      })
      await page.goto(`${url}/network`)
      const providers = page.getByRole('region', { name: 'Providers' })
      const open = providers.getByRole('button', { name: '1 <img src=x onerror=' })
      await open.waitFor()
      expect(await page.locator('img').count()).toBe(0)
      expect(await page.title()).toBe('Mooring network')
      const wanted = page.getByRole('region', { name: 'Where nodes are wanted' })
      expect(await wanted.getByRole('row', { name: 'bsc' }).textContent()).toContain(
        'no node serves it',
      )
      expect(await page.getByRole('columnheader', { name: 'Commission' }).count()).toBe(1)
      await open.focus()
      await page.keyboard.press('Enter')
      const detail = page.getByRole('region', { name: 'Provider 1 <img' })
      await detail.getByText('eth 100.00 %').waitFor()
      expect(await page.getByRole('status').textContent()).toContain('As of block')
      expect(problems).toEqual([])
    } finally {
      await browser.close()
    }
  },
)
