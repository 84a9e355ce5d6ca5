import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ChargeFile,
  encodeChargeFile,
  parseChargeFile,
} from '@mooring/market/settlement/charge-file'
import { signedTotals } from '@mooring/market/settlement/charge-totals'
import { chargeTree } from '@mooring/market/settlement/plain-tree'
import { callPart, readPart } from '@mooring/onchain/contracts'
import { formatDeployment } from '@mooring/onchain/deployment'
import { openKeccak } from '@mooring/onchain/keccak'
import { chargeRootData, signAll } from '@mooring/onchain/signed'
import { accountNameOf } from '@mooring/protocol/access/names'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { readSignedTotals } from '@mooring/store/ledger/charge-files'
import { listHoldings } from '@mooring/store/ledger/holdings'
import {
  chainId,
  type DepositChain,
  firstDepositMin,
  openDepositChain,
} from '@mooring/testkit/economy/deposit-chain'
import { membersOf, player } from '@mooring/testkit/economy/people'
import { attest, beginAs, startForTest, until } from '../billing.fixtures.ts'
import type { Billing } from '../billing.ts'

// Room for a slow machine.
setDefaultTimeout(90_000)

const stack = new AsyncDisposableStack()
const keccak = await openKeccak()
const periodSeconds = 43_200
const owner = player(1).address
const account = accountNameOf(chainId, owner)
let chain: DepositChain
let database: Database
/** Two on one database, which race for each file. */
let billings: readonly [Billing, Billing]
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  chain = stack.use(await openDepositChain())
  const folder = await mkdtemp(join(tmpdir(), 'mooring-charges-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const deployment = join(folder, 'deployment.json')
  await writeFile(deployment, formatDeployment(chain.system.deployment))
  const databaseUrl = await postgres.createDatabase('billing')
  database = stack.use(await openDatabase(databaseUrl))
  const settings = { databaseUrl, chain: { deployment, rpcUrl: chain.anvil.url } }
  billings = [stack.use(await startForTest(settings)), stack.use(await startForTest(settings))]
})
afterAll(() => stack.disposeAsync())

async function holding(is: (own: Awaited<ReturnType<typeof listHoldings>>[0]) => boolean) {
  return await until('the holding', async () => {
    const [own] = await listHoldings(database.sql, account)
    return own !== undefined && is(own) && own
  })
}

async function passTime(seconds: number): Promise<void> {
  await chain.anvil.ask('evm_increaseTime', [seconds])
  await chain.anvil.mine(1)
}

/** The file of a root, of the period that is over now. */
async function fileOf(rootId: bigint, { url } = billings[0]) {
  const { timestamp } = await chain.system.reader.getBlock()
  return await until('the charge file', async () => {
    const response = await fetch(`${url}/v1/charge-files/ankr/${rootId}`)
    if (response.status !== 200) return undefined
    const read = parseChargeFile(await response.bytes(), keccak)
    return read.file.periodEnd + BigInt(periodSeconds) > timestamp && read
  })
}

async function firstFile() {
  const response = await fetch(`${billings[0].url}/v1/charge-files/ankr/1`)
  return parseChargeFile(await response.bytes(), keccak).file
}

const hashOf = (file: ChargeFile) => encodeChargeFile(file, keccak).roots.dataHash

test('what was used stands in a file whose root the escrow takes, and is taken to the unit', async () => {
  const { transactionHash, logIndex, receipt } = await chain.deposit(1)
  const { blockNumber, blockHash } = receipt
  const place = { chainId, transactionHash, logIndex, blockNumber, blockHash }
  await attest(database, { ...place, account, amount: firstDepositMin }, 'final')
  await holding(({ tokens }) => tokens === firstDepositMin)
  await chain.anvil.mine(4)
  const gateway = await beginAs(billings[0].url, 'gw-charges')
  await gateway.post({ leases: [{ account, key: '', holds: 0, wants: 4_000, needs: 400 }] })
  const hour = Math.floor(Date.now() / 3_600_000)
  const line = { account, key: '', ownPurse: false, chain: 'eth', method: 'eth_call' }
  const usage = [{ ...line, status: 'ok', hour, requests: 3, credits: 1_234 }]
  await gateway.post({ from: 1, to: 1, usage })
  const { accrued } = await holding((own) => own.accrued > 0n)

  await passTime(periodSeconds)
  const { file, roots } = await fileOf(1n)
  expect(file).toMatchObject({ rootId: 1n, previous: null })
  const [leaf] = file.leaves
  expect(file.leaves).toEqual([
    { account: owner.toLowerCase() as `0x${string}`, life: 0, total: accrued },
  ])
  // The other process serves the same bytes, by their hash as well.
  expect((await fileOf(1n, billings[1])).roots).toEqual(roots)
  const byHash = await fetch(`${billings[1].url}/v1/charge-files/${roots.dataHash}`)
  expect(parseChargeFile(await byHash.bytes(), keccak)).toEqual({ file, roots })

  const { system } = chain
  const { periodEnd } = file
  const statement = { rootId: 1n, ...roots, periodEnd }
  const data = chargeRootData(system.deployment, 'ankrEscrow', statement)
  const signatures = await signAll(membersOf('verifier').slice(0, 2), data)
  const args = [roots.root, roots.dataHash, periodEnd, signatures] as const
  const posted = await chain.send(owner, callPart(system, 'ankrEscrow', 'postChargeRoot', args))
  expect(posted.status).toBe('success')
  const proof = chargeTree(file.leaves, keccak).proofOf(0)
  await passTime(periodSeconds)
  const leaves = [{ account: owner, life: 0, total: leaf?.total ?? 0n, proof }]
  const call = callPart(system, 'ankrEscrow', 'applyCharges', [1n, leaves])
  expect((await chain.send(owner, call)).status).toBe('success')
  const onChain = await readPart(system, 'ankrEscrow', 'accountOf', [owner])
  expect(onChain).toMatchObject({ spent: accrued, balance: firstDepositMin - accrued })

  await chain.anvil.mine(4)
  const own = await holding(({ spent }) => spent > 0n)
  expect(own).toMatchObject({ spent: accrued, accrued: 0n, tokens: firstDepositMin - accrued })
  expect(own.missing).toBe(0n)
})

test('what was used afterwards is in the next one, which names the one before', async () => {
  const before = await holding(() => true)
  const gateway = await beginAs(billings[1].url, 'gw-later')
  await gateway.post({ leases: [{ account, key: '', holds: 0, wants: 4_000, needs: 400 }] })
  const hour = Math.floor(Date.now() / 3_600_000)
  const line = { account, key: '', ownPurse: false, chain: 'eth', method: 'eth_call' }
  const usage = [{ ...line, status: 'ok', hour, requests: 1, credits: 500 }]
  await gateway.post({ from: 1, to: 1, usage })
  const { accrued } = await holding((own) => own.accrued > 0n)
  await passTime(periodSeconds)
  const { file } = await fileOf(2n)
  expect(file.leaves.map(({ total }) => total)).toEqual([before.spent + accrued])
  const { dataHash } = await readPart(chain.system, 'ankrEscrow', 'chargeRootOf', [1n])
  expect(file.previous).toBe(dataHash)
})

test('the database says of several files what was signed of each account', async () => {
  const files = [(await fileOf(2n)).file, await firstFile()]
  const signed = await readSignedTotals(database.sql, files.map(hashOf))
  expect(signed).toEqual(signedTotals(files.map(({ leaves }) => leaves)))
  expect(signed.size).toBe(1)
})

test('a root that nobody has posted in time gets a file of the next period, and one for each', async () => {
  await passTime(periodSeconds)
  const { file } = await fileOf(2n)
  const rows = await database.sql`
    select period_end from charge_files where asset = 'ankr' and root_id = 2 order by period_end`
  expect(rows.at(-1).period_end.getTime()).toBe(Number(file.periodEnd) * 1_000)
  expect(new Set(rows.map((row: { period_end: Date }) => row.period_end.getTime())).size).toBe(
    rows.length,
  )
  await expect(database.sql`delete from charge_files`.execute()).rejects.toThrow('written once')
})

test.each([
  ['eur/1', 400, 'ankr or usd'],
  ['ankr/0', 400, 'counted from 1'],
  ['ankr/99', 404, 'no such charge file'],
  ['0xAB', 400, 'lower-case'],
  [`0x${'00'.repeat(32)}`, 404, 'no such charge file'],
])('%s is answered with %d', async (path, status, says) => {
  const response = await fetch(`${billings[0].url}/v1/charge-files/${path}`)
  expect(response.status).toBe(status)
  expect(((await response.json()) as { error: string }).error).toContain(says)
})
