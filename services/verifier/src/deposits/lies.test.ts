import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { escrowAbi } from '@mooring/abis/escrow'
import {
  chainId,
  type Deposit,
  type DepositChain,
  keyOf,
  openDepositChain,
  type Twist,
} from '@mooring/testkit/economy/deposit-chain'
import { freePort } from '@mooring/testkit/ports'
import { type Hex, maxUint256, padHex, toHex } from 'viem'
import { sourcesOver } from '../chain/sources.fixtures.ts'
import type { SourcesOptions } from '../chain/sources.ts'
import { createDepositChecks, type DepositChecks } from './check.ts'

/** Other tests may be running beside these. */
setDefaultTimeout(30_000)

let chain: DepositChain
let deposit: Deposit
/** New for each test, so that nothing is known of the code yet. */
let checks: DepositChecks

beforeAll(async () => {
  chain = await openDepositChain()
  deposit = await chain.deposit(1)
  await chain.anvil.mine(12)
})
afterAll(() => chain?.[Symbol.asyncDispose]())
beforeEach(() => {
  checks = checksWith({})
})
afterEach(() => {
  for (const node of chain.nodes) node.beHonest()
})

function checksWith(options: Partial<SourcesOptions>, depthBlocks = 12) {
  const { deployment } = chain.system
  return createDepositChecks(sourcesOver(chain, options), { deployment, depthBlocks })
}

/** A JSON object as a node answered it. */
type Answered = Record<string, unknown>

const inReceipt =
  (change: (receipt: Answered) => Answered): Twist =>
  (method, result) =>
    method === 'eth_getTransactionReceipt' && result !== null ? change(result as Answered) : result

const inFirstLog = (change: (log: Answered) => Answered): Twist =>
  inReceipt((receipt) => {
    const [first, ...rest] = receipt.logs as Answered[]
    return { ...receipt, logs: [change(first ?? {}), ...rest] }
  })

const inBlock =
  (isMeant: (block: unknown) => boolean, change: Answered): Twist =>
  (method, result, [block]) =>
    method === 'eth_getBlockByNumber' && isMeant(block) && result !== null
      ? { ...(result as Answered), ...change }
      : result

const isDeposits = (block: unknown) => Number(block) === Number(deposit.receipt.blockNumber)

const inAnswer =
  (wanted: string, change: (result: unknown) => unknown): Twist =>
  (method, result) =>
    method === wanted ? change(result) : result

const aThousand = toHex(1_000)

/** What one source says that is not so; the other tells the truth. */
const lies: Record<string, Twist> = {
  'that the transaction failed': inReceipt((receipt) => ({ ...receipt, status: '0x0' })),
  'another amount in the log': inFirstLog((log) => ({
    ...log,
    data: `${toHex(5n * 10n ** 24n, { size: 32 })}${String(log.data).slice(66)}`,
  })),
  'another account in the log': inFirstLog((log) => ({
    ...log,
    topics: [(log.topics as Hex[])[0], padHex('0x0bad', { size: 32 }), (log.topics as Hex[])[2]],
  })),
  'another contract as the emitter': inFirstLog((log) => ({
    ...log,
    address: padHex('0x0bad', { size: 20 }),
  })),
  'no logs': inReceipt((receipt) => ({ ...receipt, logs: [] })),
  'another block hash in the receipt': inReceipt((receipt) => ({
    ...receipt,
    blockHash: padHex('0x02'),
  })),
  'an older block in the receipt': inReceipt((receipt) => ({ ...receipt, blockNumber: '0x1' })),
  'another hash of the block': inBlock(isDeposits, { hash: padHex('0x02') }),
  'that there is no such block': (method, result, [block]) =>
    method === 'eth_getBlockByNumber' && isDeposits(block) ? null : result,
  'that there is no such transaction': inAnswer('eth_getTransactionReceipt', () => null),
  'another code of the escrow': inAnswer('eth_getCode', () => '0x6001'),
  'that there is no escrow': inAnswer('eth_getCode', () => '0x'),
  'another state of the account': (method, result) =>
    method === 'eth_call' && String(result).length > 100
      ? `${toHex(7n, { size: 32 })}${String(result).slice(66)}`
      : result,
}

describe('one source of a verifier lies (security row 8) and says', () => {
  for (const [what, twist] of Object.entries(lies)) {
    test(`${what}: nothing is attested`, async () => {
      for (const liar of chain.nodes) {
        liar.lie(twist)
        expect(await checks.checkDeposit(deposit)).toMatchObject({ code: 'SOURCES_DIFFER' })
        liar.beHonest()
      }
      expect(await checks.checkDeposit(deposit)).toMatchObject({ ok: true })
    })
  }

  test('that a transaction succeeded which failed: nothing is attested', async () => {
    const call = { to: chain.ankrEscrow, abi: escrowAbi, functionName: 'deposit' }
    const args = [maxUint256 / 2n ** 140n, keyOf(1)]
    const { transactionHash } = await chain.send(deposit.receipt.from, { ...call, args })
    const asked = [deposit.transactionHash]
    // A receipt, as every node answers it.
    const good = (await chain.anvil.ask('eth_getTransactionReceipt', asked)) as Answered
    chain.nodes[0].lie(inReceipt((receipt) => ({ ...receipt, status: '0x1', logs: good.logs })))
    const check = await checksWith({}, 0).checkDeposit({ transactionHash, logIndex: 0 })
    expect(check).toMatchObject({ code: 'SOURCES_DIFFER' })
  })

  test('that the chain is far longer: the depth is what the other says', async () => {
    const fresh = await chain.deposit(2)
    await chain.anvil.mine(5)
    for (const liar of chain.nodes) {
      liar.lie(inAnswer('eth_blockNumber', (head) => toHex(Number(head) + 1_000)))
      expect(await checks.checkDeposit(fresh)).toMatchObject({
        code: 'TOO_FEW_CONFIRMATIONS',
        confirmations: { have: 5, need: 12 },
      })
      liar.beHonest()
    }
  })

  test('that more is final than is: the deposit is not final', async () => {
    const fresh = await chain.deposit(2)
    for (const liar of chain.nodes) {
      liar.lie(inBlock((block) => block === 'finalized', { number: aThousand }))
      const check = await checksWith({}, 0).checkDeposit(fresh)
      expect(check).toMatchObject({ ok: true, facts: { isFinal: false } })
      liar.beHonest()
    }
  })

  test('that an account names another key: no token is made for it', async () => {
    const wanted = {
      account: deposit.receipt.from,
      escrow: chain.ankrEscrow,
      keyCommitment: keyOf(9),
    }
    chain.nodes[0].lie((method, result) =>
      method === 'eth_call' ? `${String(result).slice(0, -64)}${keyOf(9).slice(2)}` : result,
    )
    expect(await checks.checkCommitment(wanted)).toMatchObject({ code: 'SOURCES_DIFFER' })
    chain.nodes[0].beHonest()
    expect(await checks.checkCommitment(wanted)).toMatchObject({ code: 'WRONG_KEY' })
  })

  test('what nobody can read: it counts as silent', async () => {
    const nonsense: Twist[] = [
      inReceipt((receipt) => ({ ...receipt, blockNumber: 'many' })),
      inAnswer('eth_blockNumber', () => 'many'),
      inReceipt((receipt) => ({ ...receipt, transactionHash: padHex('0x03') })),
    ]
    for (const twist of nonsense) {
      chain.nodes[1].lie(twist)
      expect(await checks.checkDeposit(deposit)).toEqual({
        ...{ ok: false, code: 'SOURCE_UNREACHABLE' },
        detail: 'source 2 of this verifier answered what makes no sense; try again later',
      })
    }
  })
})

describe('one source of a verifier', () => {
  test('is of another chain: nothing is attested', async () => {
    chain.nodes[1].lie(inAnswer('eth_chainId', () => toHex(5)))
    expect(await checks.checkDeposit(deposit)).toEqual({
      ...{ ok: false, code: 'SOURCE_UNREACHABLE' },
      detail: `source 2 of this verifier is of another chain than ${chainId}`,
    })
  })

  test('is down: nothing is attested, and its address is not told', async () => {
    const url = `http://127.0.0.1:${await freePort()}`
    const alone = checksWith({ urls: [chain.nodes[0].url, url] })
    expect(await alone.checkDeposit(deposit)).toEqual({
      ...{ ok: false, code: 'SOURCE_UNREACHABLE' },
      detail: 'source 2 of this verifier did not answer; try again later',
    })
  })

  test('is slow beyond the deadline: nothing is attested', async () => {
    chain.nodes[0].stall()
    const impatient = checksWith({ questionTimeoutMs: 200 })
    expect(await impatient.checkDeposit(deposit)).toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  })

  test('is some blocks behind: what both have counts, and they do not differ by it', async () => {
    const fresh = await chain.deposit(3)
    await chain.anvil.mine(14)
    const behind = (by: number) => inAnswer('eth_blockNumber', (head) => toHex(Number(head) - by))
    chain.nodes[1].lie(behind(2))
    expect(await checks.checkDeposit(fresh)).toMatchObject({ ok: true })
    chain.nodes[1].lie(behind(3))
    expect(await checks.checkDeposit(fresh)).toMatchObject({
      confirmations: { have: 11, need: 12 },
    })
    chain.nodes[1].lie(behind(15))
    expect(await checks.checkDeposit(fresh)).toMatchObject({ code: 'NO_SUCH_DEPOSIT' })
  })

  test('knows no finality: deposits pass and are never final', async () => {
    chain.nodes[0].lie((method, result, [block]) =>
      method === 'eth_getBlockByNumber' && block === 'finalized' ? null : result,
    )
    expect(await checks.checkDeposit(deposit)).toMatchObject({
      ok: true,
      facts: { isFinal: false },
    })
  })

  test('differs for a moment: it is asked once more, and what it says then counts', async () => {
    let asked = 0
    chain.nodes[1].lie(
      inAnswer('eth_getTransactionReceipt', (receipt) => (asked++ === 0 ? null : receipt)),
    )
    expect(await checks.checkDeposit(deposit)).toMatchObject({ ok: true })
    expect(asked).toBe(2)
  })

  test('is never the only one', () => {
    const [{ url }] = chain.nodes
    expect(() => sourcesOver(chain, { urls: [url, url] })).toThrow('needs 2 different sources')
  })
})
