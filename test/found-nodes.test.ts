import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  startDeployment,
  type TestDeployment,
} from '@mooring/gateway/access/test/deployment.fixtures'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { formatDeployment } from '@mooring/onchain/deployment'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { formatNodeMetadata, parseNodeMetadata } from '@mooring/onchain/node-metadata'
import { nodeKeyData } from '@mooring/onchain/signed'
import type { MarketReport } from '@mooring/protocol/reports/market'
import type { UpstreamReport, UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import { ReceiptBook } from '@mooring/receipts/receipt-book'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { fund } from '@mooring/store/ledger/ledger.fixtures'
import { type AgentProcess, startAgentProcess, writeKey } from '@mooring/testkit/agent'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { type BillingProcess, startBillingProcess } from '@mooring/testkit/billing'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import {
  membersOf,
  officer,
  type Person,
  player,
  privateKeyOf,
} from '@mooring/testkit/economy/people'
import {
  carryOut,
  documentOf,
  openNode,
  openProvider,
  stakePerNode,
} from '@mooring/testkit/economy/providers'
import type { LocalEconomy } from '@mooring/testkit/economy/start'
import { type GatewayProcess, startGateway } from '@mooring/testkit/gateway'
import type { Hex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

// Room for a slow machine.
setDefaultTimeout(180_000)

const chain = 'local_one'
const confirmationBlocks = 2
/** So soon a node has to be gone. */
const leavingBlocksMax = 2n
const waitMsMax = 60_000

const stack = new AsyncDisposableStack()
/** The chain of the contracts, and the one that is served. */
let anvil: Anvil
let economy: LocalEconomy
let folder: string
let deploymentFile: string
let database: Database
let billing: BillingProcess
let access: TestDeployment
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  anvil = stack.use(await startAnvil({ chainId: 31_337 }))
  economy = await loadEconomy(anvil)
  folder = await mkdtemp(join(tmpdir(), 'mooring-found-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  deploymentFile = join(folder, 'deployment.json')
  await writeFile(deploymentFile, formatDeployment(economy.deployment))
  const databaseUrl = await postgres.createDatabase('found')
  database = stack.use(await openDatabase(databaseUrl))
  const config = { databaseUrl, chain: { deployment: deploymentFile, rpcUrl: anvil.url } }
  billing = stack.use(await startBillingProcess({ config }))
  const ankrEscrow = economy.deployment.parts.ankrEscrow.toLowerCase() as Hex
  access = stack.use(await startDeployment({ chainId: anvil.chainId, ankrEscrow }))
})
afterAll(() => stack.disposeAsync())

/** A gateway that knows of no upstream, and is a member of the set of gateways. */
async function openGateway(name: string): Promise<GatewayProcess> {
  const { file: keyFile, password } = await writeKey(folder, privateKeyOf(membersOf('gateway')[0]!))
  const market = {
    ...{ deployment: deploymentFile, rpcUrls: [anvil.url], pollIntervalMs: 50 },
    ...{ confirmationBlocks, allowPrivateAddresses: true, metadata: { retryMs: 200 } },
  }
  return startGateway({
    waitFor: 'health',
    config: {
      access: access.settings,
      market,
      meter: {
        billing: { url: billing.url, credential: billing.credential },
        ...{ instance: name, directory: join(folder, `${name}-meter`) },
      },
      identity: {
        ...{ keyFile, password, deployment: deploymentFile, rpc: anvil.url },
        directory: join(folder, name),
      },
      tiers: { community: { requestsPerSecond: 10_000, burstRequests: 10_000 } },
      cacheBytesMax: 0,
      chains: { [chain]: { pollIntervalMs: 200 } },
    },
  })
}

type Opened = { agent: AgentProcess; owner: Person; providerId: bigint; nodeId: bigint; key: Hex }

/** A provider with an active node behind an agent. */
async function openActive(
  owner: Person,
  { name, ...plan }: { name: string; community: boolean; metadataUri?: string; port?: number },
): Promise<Opened> {
  const providerId = await openProvider(economy, owner, { nodes: 1 })
  const nodeId = (await readPart(economy, 'registry', 'nodeCount', [])) + 1n
  const key = generatePrivateKey()
  const agent = await openAgent({ name, nodeId, key, port: plan.port })
  const own = { providerId, owner, key: privateKeyToAccount(key), chains: [chain], agent: true }
  await openNode(economy, { ...own, url: `${agent.url}/{chain}`, ...plan })
  await carryOut(economy, owner, callPart(economy, 'registry', 'activateNode', [nodeId]))
  await anvil.mine(confirmationBlocks)
  return { agent, owner, providerId, nodeId, key }
}

async function openAgent(given: {
  name: string
  nodeId: bigint
  key: Hex
  port?: number | undefined
}) {
  return stack.use(
    await startAgentProcess({
      ...{ nodeId: String(given.nodeId), privateKey: given.key, port: given.port },
      ...{ deployment: economy.deployment, rpc: anvil.url },
      ...{ chains: { [chain]: { url: anvil.url } }, directory: join(folder, given.name) },
    }),
  )
}

async function upstreamsOf({ adminUrl }: GatewayProcess): Promise<UpstreamReport[]> {
  const report = (await (await fetch(`${adminUrl}/v1/upstreams`)).json()) as UpstreamsReport
  return report.chains[0]?.upstreams ?? []
}

const isServed = async (gateway: GatewayProcess, { nodeId }: Opened) =>
  (await upstreamsOf(gateway)).some(
    ({ node, score }) => node?.nodeId === String(nodeId) && score > 0,
  )

/** @returns How many blocks of the chain it took the gateway to leave it. */
async function blocksToLeave(
  gateway: GatewayProcess,
  opened: Opened,
  leave: () => Promise<void>,
): Promise<bigint> {
  const before = await economy.reader.getBlockNumber()
  await leave()
  await until(
    async () =>
      !(await upstreamsOf(gateway)).some(({ node }) => node?.nodeId === String(opened.nodeId)),
    'the node to be left',
  )
  const { block } = (await (await fetch(`${gateway.adminUrl}/v1/market`)).json()) as MarketReport
  return BigInt(block ?? 0) - before
}

async function until(isSo: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = performance.now() + waitMsMax
  while (!(await isSo())) {
    if (performance.now() > endMs) throw new Error(`waited for ${what} in vain`)
    await Bun.sleep(50)
  }
}

let asked = 0
/** @param key - Undefined: without one. */
async function ask(
  { url }: GatewayProcess,
  key?: string,
): Promise<{ failure?: string; text: string }> {
  const params = [`0x${(++asked).toString(16).padStart(40, '0')}`, 'latest']
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBalance', params })
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
  const response = await fetch(`${url}/${key === undefined ? chain : `${chain}/${key}`}`, init)
  const { error } = Object(
    (await response.json()) as { error?: { message: string; data?: { failure?: string } } },
  )
  if (error === undefined) return { text: '' }
  return { failure: error.data?.failure ?? '', text: error.message }
}

async function openAccount(): Promise<string> {
  const address = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('hex')
  const account = `eip155:31337:0x${address}`
  const credits = 10n ** 9n
  await fund(database, account, { tokens: credits * 10n ** 15n, credits })
  return access.issue({ sub: account }).key
}

async function lastReceipts(name: string) {
  const epoch = await readPart(economy, 'params', 'currentEpoch', [])
  const book = new ReceiptBook(join(folder, name, 'receipts.sqlite'))
  const last = book.lastReceiptsOf(epoch, { max: 100 })
  void book.close()
  return last
}

async function provenIn(name: string): Promise<number> {
  return (await lastReceipts(name)).reduce((sum, { receipt }) => sum + Number(receipt.relaysSum), 0)
}

test('a node with an agent is found, serves who pays and who does not, and has receipts for both', async () => {
  await using gateway = await openGateway('serving')
  expect((await ask(gateway)).failure).toBe('NO_UPSTREAM')
  const opened = await openActive(player(1), { name: 'serving-agent', community: true })
  await until(() => isServed(gateway, opened), 'the node')
  const key = await openAccount()
  for (let at = 0; at < 60; at++) {
    expect(await ask(gateway, key)).toEqual({ text: '' })
    expect(await ask(gateway)).toEqual({ text: '' })
  }
  const ids = { nodeId: String(opened.nodeId), providerId: String(opened.providerId) }
  expect(await upstreamsOf(gateway)).toMatchObject([
    {
      ...{ provider: `p${opened.providerId}`, community: true },
      node: { ...ids, stake: String(stakePerNode) },
      agent: {
        ...{ nodeId: ids.nodeId, session: 'open', trouble: null },
        address: createDigestSigner(opened.key).address,
        unprovenRelays: expect.any(Number),
      },
      terms: expect.arrayContaining([expect.objectContaining({ term: 'stake', value: 0.8 })]),
    },
  ])
  await until(async () => (await provenIn('serving')) >= 100, 'a receipt')
  for (let at = 0; at < 5; at++) await ask(gateway, key)
  const drain = () =>
    carryOut(economy, opened.owner, callPart(economy, 'registry', 'drainNode', [opened.nodeId]))
  expect(await blocksToLeave(gateway, opened, drain)).toBeLessThanOrEqual(leavingBlocksMax)
  // What it has served before it left is proven when it leaves.
  await until(async () => (await provenIn('serving')) === 125, 'the last receipt')
  expect(await lastReceipts('serving')).toEqual(await lastReceipts('serving-agent'))
  const credits = (await lastReceipts('serving')).reduce(
    (sum, { receipt }) => sum + receipt.creditsSum,
    0n,
  )
  expect(credits > 0n).toBe(true)

  const again = callPart(economy, 'registry', 'activateNode', [opened.nodeId])
  await carryOut(economy, opened.owner, again)
  await anvil.mine(confirmationBlocks)
  await until(() => isServed(gateway, opened), 'the node to come back')
  const unstake = callPart(economy, 'pool', 'unstake', [opened.providerId, 1, 10n ** 18n, 0n])
  const left = await blocksToLeave(gateway, opened, () => carryOut(economy, opened.owner, unstake))
  expect(left).toBeLessThanOrEqual(leavingBlocksMax)
})

test('a node that has not said so serves nobody without a key, and leaves when its provider goes to jail', async () => {
  await using gateway = await openGateway('paid-only')
  const opened = await openActive(player(2), { name: 'paid-only-agent', community: false })
  await until(() => isServed(gateway, opened), 'the node')
  const key = await openAccount()
  expect(await ask(gateway, key)).toEqual({ text: '' })
  const refused = await ask(gateway)
  expect(refused.failure).toBe('NO_UPSTREAM')
  expect(refused.text).toContain('serves requests without a key')
  expect(await upstreamsOf(gateway)).toMatchObject([{ community: false }])
  const jail = async () => {
    const { timestamp } = await economy.reader.getBlock()
    const args = [opened.providerId, timestamp + 3_600n] as const
    await carryOut(economy, officer('slasher'), callPart(economy, 'registry', 'jail', args))
  }
  expect(await blocksToLeave(gateway, opened, jail)).toBeLessThanOrEqual(leavingBlocksMax)
  expect((await ask(gateway, key)).failure).toBe('NO_UPSTREAM')
})

test('a node whose key changes has a session by the new one two blocks later', async () => {
  let document = ''
  const documents = stack.use(
    Bun.serve({
      ...{ port: 0, hostname: '127.0.0.1', development: false },
      fetch: () => new Response(document),
    }),
  )
  await using gateway = await openGateway('rotating')
  const given = { name: 'rotating-agent', community: true }
  const opened = await openActive(player(3), { ...given, metadataUri: documents.url.href })
  const key = generatePrivateKey()
  const url = `${opened.agent.url}/{chain}`
  const endpointsBy = async (by: Hex) => {
    const plan = { key: privateKeyToAccount(by), url, agent: true, community: true }
    return parseNodeMetadata(await documentOf(economy, opened.nodeId, plan)).endpoints
  }
  const endpoints = [...(await endpointsBy(opened.key)), ...(await endpointsBy(key))]
  document = formatNodeMetadata({ mooring: 1, endpoints })
  await until(() => isServed(gateway, opened), 'the node')

  await opened.agent.stop()
  await openAgent({ name: 'rotated-agent', nodeId: opened.nodeId, key, port: opened.agent.port })
  const account = privateKeyToAccount(key)
  const statement = { providerId: opened.providerId, signingKey: account.address }
  const proof = await account.signTypedData(nodeKeyData(economy.deployment, statement))
  const rotate = [opened.nodeId, account.address, proof] as const
  await carryOut(economy, opened.owner, callPart(economy, 'registry', 'rotateNodeKey', rotate))
  await anvil.mine(confirmationBlocks)
  const { address } = createDigestSigner(key)
  await until(async () => {
    const agent = (await upstreamsOf(gateway))[0]?.agent
    return agent?.address === address && agent.session === 'open'
  }, 'a session by the new key')
  await until(() => isServed(gateway, opened), 'the node by its new key')
  expect(await ask(gateway)).toEqual({ text: '' })
})
