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
import { readPart } from '@mooring/onchain/contracts'
import { formatDeployment } from '@mooring/onchain/deployment'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { ReceiptBook } from '@mooring/receipts/receipt-book'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { readEpochBooks } from '@mooring/store/ledger/epoch-books'
import { fund } from '@mooring/store/ledger/ledger.fixtures'
import { listReceipts } from '@mooring/store/ledger/relay-receipts'
import { startAgentProcess, writeKey } from '@mooring/testkit/agent'
import { startBillingProcess } from '@mooring/testkit/billing'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { membersOf, privateKeyOf } from '@mooring/testkit/economy/people'
import { type GatewayProcess, startGateway } from '@mooring/testkit/gateway'
import { healthy, startScriptedUpstream } from '@mooring/testkit/scripted-upstream'
import { generatePrivateKey } from 'viem/accounts'

// Room for a slow machine.
setDefaultTimeout(120_000)

const chainName = 'local_one'
const priceOf = (method: string) =>
  createPricing(newestTable.table).priceOf({ family: 'evm', method, transport: 'http' })

const stack = new AsyncDisposableStack()
let chain: DepositChain
let database: Database
let deployment: TestDeployment
let gateway: GatewayProcess
let folder: string
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  chain = stack.use(await openDepositChain())
  folder = await mkdtemp(join(tmpdir(), 'mooring-paid-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'deployment.json')
  await writeFile(file, formatDeployment(chain.system.deployment))
  const databaseUrl = await postgres.createDatabase('paid')
  database = stack.use(await openDatabase(databaseUrl))
  const billing = stack.use(
    await startBillingProcess({
      config: { databaseUrl, chain: { deployment: file, rpcUrl: chain.anvil.url } },
    }),
  )
  deployment = stack.use(await startDeployment())
  const rest = ({ method }: { method: string }) =>
    method === 'eth_call'
      ? { error: { code: 3, message: 'execution reverted', data: '0x' } }
      : { result: '0x1' }
  const node = stack.use(
    startScriptedUpstream(healthy({ chainId: 31_337, head: () => 5_000, rest })),
  )
  const privateKey = generatePrivateKey()
  const agent = stack.use(
    await startAgentProcess({
      ...{ nodeId: '7', privateKey, deployment: chain.system.deployment },
      ...{ rpc: chain.anvil.url, chains: { [chainName]: { url: node.url } } },
      directory: join(folder, 'agent'),
    }),
  )
  const { file: keyFile, password } = await writeKey(folder, privateKeyOf(membersOf('gateway')[0]!))
  const agentSettings = { nodeId: '7', address: createDigestSigner(privateKey).address }
  const upstream = {
    ...{ provider: 'alpha', name: 'one', url: `${agent.url}/${chainName}` },
    agent: agentSettings,
  }
  gateway = stack.use(
    await startGateway({
      config: {
        access: deployment.settings,
        meter: {
          billing: { url: billing.url, credential: billing.credential },
          ...{ instance: 'gw', directory: join(folder, 'meter') },
        },
        identity: {
          ...{ keyFile, password, deployment: file, rpc: chain.anvil.url },
          directory: join(folder, 'gateway'),
        },
        chains: { [chainName]: { upstreams: [upstream] } },
      },
    }),
  )
})
afterAll(() => stack.disposeAsync())

test('receipts prove the credits that consumers were charged, and the relays that nobody pays for', async () => {
  const address = Buffer.from(crypto.getRandomValues(new Uint8Array(20))).toString('hex')
  const account = `eip155:31337:0x${address}`
  const credits = 10n ** 9n
  await fund(database, account, { tokens: credits * 10n ** 15n, credits })
  const { key } = deployment.issue({ sub: account })
  for (let at = 0; at < 30; at++) {
    await ask('eth_getBalance', [paddedAddress(at), '0x10'], key)
    // A revert is charged, and a request of somebody without an account is not.
    await ask('eth_call', [{ to: paddedAddress(at) }, '0x10'], key)
    await ask('eth_getBalance', [paddedAddress(1_000 + at), '0x10'])
  }
  await gateway.stop()
  const epoch = await readPart(chain.system, 'params', 'currentEpoch', [])
  const [ofAgent, ofGateway] = ['agent', 'gateway'].map((name) => {
    const book = new ReceiptBook(join(folder, name, 'receipts.sqlite'))
    const last = book.lastReceiptsOf(epoch, { max: 10 })
    void book.close()
    return last
  })
  expect(ofAgent).toEqual(ofGateway!)
  const [last] = ofGateway!
  const charged = await creditsBooked(account)
  expect(charged).toBe(30 * (priceOf('eth_getBalance') + priceOf('eth_call')))
  expect(last?.receipt.creditsSum).toBe(BigInt(charged))
  expect(last?.receipt.relaysSum).toBe(90n)
  expect(last?.receipt.tariff).toBe(newestTable.hash)
  // The books have the same of it, by what the gateway has counted and by the receipts that it brought.
  const span = { first: epoch, last: epoch }
  const { served, work } = await readEpochBooks(database.sql, span)
  expect(served).toEqual([{ chain: chainName, charged: BigInt(charged) }])
  expect(work).toEqual([
    {
      // Those of nobody with a key are no work that quality is counted from.
      ...{ nodeId: 7n, chain: chainName, asked: 60n, answered: 60n, failed: 0n, late: 0n },
      credits: BigInt(charged),
    },
  ])
  const [brought] = await listReceipts(database.sql, span)
  expect(JSON.parse(brought?.receipt ?? '')).toMatchObject({
    ...{ session: last?.receipt.session, chain: chainName, creditsSum: String(charged) },
  })
  expect(brought?.nodeSignature).toBe(last?.nodeSignature ?? '0x')
})

async function ask(method: string, params: unknown[], key?: string): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const path = key === undefined ? chainName : `${chainName}/${key}`
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
  const response = await fetch(`${gateway.url}/${path}`, init)
  if (response.status !== 200) throw new Error(await response.text())
}

async function creditsBooked(account: string): Promise<number> {
  const [row] = await database.sql<{ sum: string | null }[]>`
    select sum(credits) from usage where account = ${account}`
  return Number(row?.sum ?? 0)
}

function paddedAddress(number: number): string {
  return `0x${number.toString(16).padStart(40, '0')}`
}
