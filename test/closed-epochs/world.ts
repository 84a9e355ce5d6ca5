import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Billing } from '@mooring/billing/billing'
import { ask, attest, beginAs, startForTest, until } from '@mooring/billing/billing.fixtures'
import { deploymentOf } from '@mooring/billing/epochs/chain-facts'
import type { Hex } from '@mooring/market/settlement/bytes'
import { accumulatorOf, type SignedReceipt } from '@mooring/market/settlement/receipts'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { formatDeployment } from '@mooring/onchain/deployment'
import { keyNumber, nameOf, signReceipt } from '@mooring/onchain/epoch.fixtures'
import { accountNameOf } from '@mooring/protocol/access/names'
import { receiptText } from '@mooring/protocol/relays/receipts'
import type { RelayReport, RelayReportAnswer } from '@mooring/protocol/relays/reports'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { listHoldings } from '@mooring/store/ledger/holdings'
import {
  chainId,
  type DepositChain,
  firstDepositMin,
  openDepositChain,
} from '@mooring/testkit/economy/deposit-chain'
import { membersOf, officer, type Person, player } from '@mooring/testkit/economy/people'
import { openNode, openProvider } from '@mooring/testkit/economy/providers'
import { type LocalAccount, padHex, stringToHex, toHex } from 'viem'

/** What an answer of a node was worth, as a gateway tells it. */
type Work = { nodeId: bigint; chain: string; credits: bigint; epoch?: bigint }

type ReceiptPlan = {
  epoch: bigint
  nodeId: bigint
  chain: string
  credits: bigint
  nodeKey?: LocalAccount
  gateway?: LocalAccount
  tariff?: Hex
}

/** Two providers with a node each, an account with a deposit, and two billing services on one database. */
export type EpochWorld = AsyncDisposable & {
  chain: DepositChain
  database: Database
  urls: readonly [string, string]
  payer: Person
  epochNow(): Promise<bigint>
  /** So much time passes, and what was is final. */
  pass(seconds: number): Promise<void>
  /** Until the epoch that it is can be closed. */
  endEpoch(): Promise<void>
  /** Fees arrive. */
  fund(amount: bigint): Promise<void>
  /** What the account has used and no root has taken. */
  accrued(): Promise<bigint>
  begin(instance: string): Promise<{
    /** Posts what the account used of chains, and what nodes did for it. */
    use(credits: Readonly<Record<string, number>>, work: readonly Work[]): Promise<void>
  }>
  bringReceipts(plans: readonly ReceiptPlan[]): Promise<SignedReceipt[]>
}

const closeAfterSeconds = 60
/** Pays what anybody may. */
export const bringer = player(7)
const nodeKeys = [keyNumber(101), keyNumber(102)]

/** @param feesWaitSecondsMax - Nobody charges anybody here, so that fees are not waited for by default. */
export async function openEpochWorld({ feesWaitSecondsMax = 0 } = {}): Promise<EpochWorld> {
  await using stack = new AsyncDisposableStack()
  const postgres = stack.use(await startPostgres())
  const chain = stack.use(await openDepositChain())
  await openNodes(chain)
  await chain.anvil.ask('anvil_impersonateAccount', [officer('guardian').address])
  const folder = await mkdtemp(join(tmpdir(), 'mooring-epochs-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const deployment = join(folder, 'deployment.json')
  await writeFile(deployment, formatDeployment(chain.system.deployment))
  const databaseUrl = await postgres.createDatabase('billing')
  const database = stack.use(await openDatabase(databaseUrl))
  const settings = {
    ...{ databaseUrl, chain: { deployment, rpcUrl: chain.anvil.url } },
    epochs: { intervalMs: 100, closeAfterSeconds, feesWaitSecondsMax },
  }
  const billings: readonly [Billing, Billing] = [
    stack.use(await startForTest(settings)),
    stack.use(await startForTest(settings)),
  ]
  const payer = player(1)
  const account = accountNameOf(chainId, payer.address)
  await fill(chain, database, account)
  const kept = stack.move()
  const { system } = chain
  const pass = async (seconds: number) => {
    await chain.anvil.ask('evm_increaseTime', [seconds])
    await chain.anvil.mine(4)
  }
  const epochNow = () => readPart(system, 'params', 'currentEpoch', [])
  return {
    ...{ chain, database, payer, epochNow, pass },
    urls: [billings[0].url, billings[1].url],
    async endEpoch() {
      const endsAt = await readPart(system, 'params', 'epochStart', [(await epochNow()) + 1n])
      const { timestamp } = await system.reader.getBlock()
      await pass(Number(endsAt - timestamp) + closeAfterSeconds)
    },
    async fund(amount) {
      const { distributor } = system.deployment.parts
      const { address } = bringer
      await chain.send(address, callPart(system, 'ankr', 'transfer', [distributor, amount]))
      await chain.send(address, callPart(system, 'distributor', 'fund', []))
    },
    accrued: async () => (await listHoldings(database.sql, account))[0]?.accrued ?? 0n,
    begin: (instance) => begin(billings[0].url, { instance, account, epochNow }),
    bringReceipts: (plans) => bringReceipts(chain, billings[0].url, plans),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

async function openNodes({ system, anvil }: DepositChain): Promise<void> {
  const economy = { ...system, rpc: anvil.url }
  for (const [at, key] of nodeKeys.entries()) {
    const owner = player(at + 3)
    const providerId = await openProvider(economy, owner, { nodes: 1 })
    const url = 'https://node.example'
    await openNode(economy, { providerId, owner, key, url, chains: ['bsc', 'eth'] })
  }
}

async function fill(chain: DepositChain, database: Database, account: string): Promise<void> {
  const { transactionHash, logIndex, receipt } = await chain.deposit(1)
  const { blockNumber, blockHash } = receipt
  const place = { chainId, transactionHash, logIndex, blockNumber, blockHash }
  await attest(database, { ...place, account, amount: firstDepositMin }, 'final')
  await chain.anvil.mine(4)
  await until('the deposit', async () => {
    const [own] = await listHoldings(database.sql, account)
    return own?.tokens === firstDepositMin
  })
}

type Told = {
  instance: string
  account: string
  epochNow: () => Promise<bigint>
}

async function begin(url: string, { instance, account, epochNow }: Told) {
  const gateway = await beginAs(url, instance)
  const hour = Math.floor(Date.now() / 3_600_000)
  return {
    async use(credits: Readonly<Record<string, number>>, work: readonly Work[]) {
      const epoch = await epochNow()
      await until(`epoch ${epoch} to be seen`, async () => {
        const text = await (await fetch(`${url}/metrics`)).text()
        return text.includes(`\nbilling_chain_epochs ${epoch}\n`)
      })
      const lines = Object.entries(credits)
      const wants = lines.reduce((sum, [, each]) => sum + each, 0)
      await gateway.post({ leases: [{ account, key: '', holds: 0, wants, needs: wants }] })
      const line = { account, key: '', ownPurse: false, method: 'eth_call', status: 'ok', hour }
      const usage = lines.map(([chain, each]) => ({ ...line, chain, requests: 1, credits: each }))
      await gateway.post({ from: 1, to: 1, usage, closes: true })
      const told = work.map(({ nodeId, chain, credits: each, epoch: seen = epoch }) => ({
        ...{ epoch: String(seen), node: String(nodeId), chain, asked: 10, answered: 10 },
        ...{ failed: 0, late: 0, credits: Number(each) },
      }))
      await report(url, { run: instance, work: told, receipts: [] })
    },
  }
}

async function report(url: string, body: RelayReport): Promise<void> {
  const answer = await ask<RelayReportAnswer>(url, '/v1/relays', { body })
  if (answer.status !== 200 || answer.body.refused.length > 0) {
    throw new Error(JSON.stringify(answer.body))
  }
}

async function bringReceipts(
  { system }: DepositChain,
  url: string,
  plans: readonly ReceiptPlan[],
): Promise<SignedReceipt[]> {
  const receipts = await Promise.all(plans.map((plan) => receiptOf(system, plan)))
  const texts = receipts.map(({ gatewaySignature, nodeSignature, ...receipt }) => ({
    receipt: receiptText({ ...receipt, chain: stringToHex(receipt.chain, { size: 32 }) }),
    ...{ gatewaySignature, nodeSignature },
  }))
  await report(url, { run: 'receipts', work: [], receipts: texts })
  return receipts
}

let series = 0

/** The only receipt of its series. */
async function receiptOf(
  system: DepositChain['system'],
  { epoch, nodeId, chain, credits, ...given }: ReceiptPlan,
): Promise<SignedReceipt> {
  const { hash } = await readPart(system, 'priceBook', 'tableAt', [epoch])
  const [member] = membersOf('gateway')
  const gateway = given.gateway ?? member
  const node = given.nodeKey ?? nodeKeys[Number(nodeId) - 1]
  if (!(gateway && node)) throw new Error('there are gateways and nodes')
  const windowRoot = padHex(toHex(++series), { size: 32 })
  const receipt = {
    ...{ epoch, nodeId, chain, gateway: nameOf(gateway), session: windowRoot, windowRoot },
    ...{ number: 1n, relays: 90n, relaysSum: 90n, credits, creditsSum: credits },
    ...{ tariff: given.tariff ?? hash, accumulator: accumulatorOf(undefined, windowRoot) },
  }
  return signReceipt(deploymentOf(system), receipt, { gateway, node })
}
