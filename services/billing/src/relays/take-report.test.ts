import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { accumulatorOf, type Receipt, receiptDigests } from '@mooring/market/settlement/receipts'
import { formatDeployment } from '@mooring/onchain/deployment'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { openKeccak } from '@mooring/onchain/keccak'
import { receiptText } from '@mooring/protocol/relays/receipts'
import type {
  RelayReport,
  RelayReportAnswer,
  SignedReceiptText,
  WorkLine,
} from '@mooring/protocol/relays/reports'
import { type Database, openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { closeBooks, readEpochBooks } from '@mooring/store/ledger/epoch-books'
import { listReceipts } from '@mooring/store/ledger/relay-receipts'
import { type DepositChain, openDepositChain } from '@mooring/testkit/economy/deposit-chain'
import { stringToHex } from 'viem'
import { ask, startForTest } from '../billing.fixtures.ts'
import type { Billing } from '../billing.ts'

// Room for a slow machine.
setDefaultTimeout(90_000)

const keccak = await openKeccak()
const stack = new AsyncDisposableStack()
const gateway = createDigestSigner(`0x${'11'.repeat(32)}`)
const node = createDigestSigner(`0x${'22'.repeat(32)}`)
let chain: DepositChain
let database: Database
let billing: Billing
beforeAll(async () => {
  const postgres = stack.use(await startPostgres())
  chain = stack.use(await openDepositChain())
  const folder = await mkdtemp(join(tmpdir(), 'mooring-relays-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const deployment = join(folder, 'deployment.json')
  await writeFile(deployment, formatDeployment(chain.system.deployment))
  const databaseUrl = await postgres.createDatabase('billing')
  database = stack.use(await openDatabase(databaseUrl))
  billing = stack.use(
    await startForTest({ databaseUrl, chain: { deployment, rpcUrl: chain.anvil.url } }),
  )
})
afterAll(() => stack.disposeAsync())

const report = (changes: Partial<RelayReport>, token?: string) =>
  ask<RelayReportAnswer & { error?: string }>(billing.url, '/v1/relays', {
    body: { run: 'run-1', work: [], receipts: [], ...changes },
    ...(token === undefined ? {} : { token }),
  })

const lineOf = (changes: Partial<WorkLine> = {}): WorkLine => ({
  ...{ epoch: '0', node: '7', chain: 'eth', asked: 10, answered: 9, failed: 1, late: 0 },
  ...{ credits: 1_800, ...changes },
})

const windowRoot = `0x${'33'.repeat(32)}` as const

/** The first receipt of a series, with some members changed before both have signed it. */
function signedReceipt(changes: Partial<Receipt> = {}): SignedReceiptText {
  const receipt: Receipt = {
    ...{ session: `0x${'ab'.repeat(32)}`, nodeId: 7n, gateway: gateway.address, chain: 'eth' },
    ...{ epoch: 0n, number: 1n, relays: 9n, credits: 1_800n, relaysSum: 9n, creditsSum: 1_800n },
    ...{ windowRoot, accumulator: accumulatorOf(undefined, windowRoot) },
    ...{ tariff: `0x${'44'.repeat(32)}`, ...changes },
  }
  const { chainId, parts } = chain.system.deployment
  const digest = receiptDigests({ chainId, registry: parts.registry }, keccak)(receipt)
  const named = { ...receipt, chain: stringToHex(receipt.chain, { size: 32 }) }
  return {
    receipt: receiptText(named),
    gatewaySignature: gateway.sign(digest),
    nodeSignature: node.sign(digest),
  }
}

const kept = async () => await listReceipts(database.sql, { first: 0n, last: 9n })

test('what nodes did and the receipts of it are kept, however often they are told', async () => {
  const receipts = [signedReceipt()]
  for (let time = 0; time < 2; time++) {
    const { status, body } = await report({ work: [lineOf()], receipts })
    expect(status).toBe(200)
    expect(body).toEqual({ openEpoch: '0', refused: [] })
  }
  await report({ work: [lineOf({ asked: 12, answered: 11, credits: 2_000 })] })
  const { work } = await readEpochBooks(database.sql, { first: 0n, last: 0n })
  expect(work).toMatchObject([{ nodeId: 7n, chain: 'eth', asked: 12n, credits: 2_000n }])
  const [receipt] = await kept()
  expect(JSON.parse(receipt?.receipt ?? '')).toMatchObject({ chain: 'eth', creditsSum: '1800' })
})

test('a receipt that its gateway has not signed, or that says what cannot be, is named and not kept', async () => {
  const before = await kept()
  const session = `0x${'cd'.repeat(32)}` as const
  const good = signedReceipt({ session, number: 1n })
  const { status, body } = await report({
    receipts: [
      { ...good, gatewaySignature: good.nodeSignature },
      { ...good, receipt: { ...good.receipt, creditsSum: '9999' } },
      signedReceipt({ session, relaysSum: 2n }),
      { ...good, nodeSignature: `0x${'00'.repeat(65)}` },
    ],
  })
  expect(status).toBe(200)
  expect(body.refused.map(({ at, why }) => `${at}: ${why}`)).toEqual([
    `0: it is not signed by gateway ${gateway.address}`,
    '1: creditsSum has to be 1800',
    '2: relaysSum has to be 9',
    '3: no node has signed it',
  ])
  expect(await kept()).toEqual(before)
})

test('of an epoch that is over in the books nothing is kept, and what is of one far ahead is to be told again', async () => {
  await closeBooks(database, 0n)
  const before = await kept()
  const { body } = await report({
    work: [lineOf({ asked: 99 })],
    receipts: [signedReceipt({ session: `0x${'ef'.repeat(32)}` })],
  })
  expect(body.openEpoch).toBe('1')
  const ahead = await report({ work: [lineOf({ epoch: '50' }), lineOf({ epoch: '1' })] })
  expect(ahead).toMatchObject({ status: 503, body: { error: expect.stringContaining('later') } })
  expect(await kept()).toEqual(before)
  const { work } = await readEpochBooks(database.sql, { first: 0n, last: 99n })
  expect(work).toMatchObject([{ asked: 12n }])
})

test.each([
  ['without a credential', {}, 'x', 401, 'credential'],
  ['with more answers than relays', { work: [lineOf({ answered: 10 })] }, undefined, 400, 'work.0'],
  ['that names a place twice', { work: [lineOf(), lineOf()] }, undefined, 400, 'twice'],
  [
    'of a node with a bad number',
    { work: [lineOf({ node: '-1' })] },
    undefined,
    400,
    'work.0.node',
  ],
])('a report %s is refused', async (_, changes, token, status, says) => {
  const answer = await report(changes, token)
  expect(answer.status).toBe(status)
  expect(answer.body.error).toContain(says)
})
