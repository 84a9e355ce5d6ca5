import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { EpochFile } from '@mooring/market/settlement/epoch-data'
import { everyAbi, readPart } from '@mooring/onchain/contracts'
import { oneAnkr } from '@mooring/testkit/economy/deposit-chain'
import { player, privateKeyOf } from '@mooring/testkit/economy/people'
import { openProvider } from '@mooring/testkit/economy/providers'
import { type KeeperProcess, startKeeperProcess } from '@mooring/testkit/keeper'
import { decodeFunctionData, type Hex, parseTransaction } from 'viem'
import type { ChoreReport } from './rounds.ts'
import { leafOf, openStage, type Stage, shortIntervals, until } from './test/stage.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(240_000)

let stack: AsyncDisposableStack
let stage: Stage
beforeEach(async () => {
  stack = new AsyncDisposableStack()
  stage = stack.use(await openStage())
})
afterEach(() => stack.disposeAsync())

const period = 43_200n
const rootDelay = 48n * 3_600n

const spentOf = async (number: number) =>
  (await readPart(stage.system, 'ankrEscrow', 'accountOf', [player(number).address])).spent

/** Three accounts that have used something, and a file that says so. */
async function prepareCharges() {
  await stage.chain.depositTogether([1, 2, 3])
  await stage.passTime(period)
  const numbers = [1, 2, 3] as const
  return await stage.publishCharges(
    numbers.map((number) => leafOf(player(number).address, BigInt(number) * 10n)),
  )
}

async function untilPosted(rootId = 1n) {
  return await until('the root', async () => {
    const count = await readPart(stage.system, 'ankrEscrow', 'chargeRootCount', [])
    return count >= rootId && (await readPart(stage.system, 'ankrEscrow', 'chargeRootOf', [rootId]))
  })
}

async function becomeApplicable(): Promise<void> {
  const { applicableAt } = await untilPosted()
  const { timestamp } = await stage.system.reader.getBlock()
  await stage.passTime(applicableAt - timestamp)
}

async function untilApplied(): Promise<void> {
  await until('the charges', async () => (await spentOf(3)) > 0n)
  for (const number of [1, 2, 3]) expect(await spentOf(number)).toBe(BigInt(number) * 10n * oneAnkr)
}

async function untilReleased(): Promise<void> {
  const bucketsLeft = () =>
    Promise.all([0, 1, 2, 3].map((each) => readPart(stage.system, 'feeRouter', 'accrued', [each])))
  await until('the buckets being empty', async () =>
    (await bucketsLeft()).every((left) => left === 0n),
  )
}

async function untilPaid({ roots }: EpochFile): Promise<void> {
  const { system } = stage
  await until('the payouts', async () => {
    return (await readPart(system, 'distributor', 'paidTotal', [])) === roots.payoutsTotal
  })
  await until('what was withheld', async () => {
    return (await readPart(system, 'distributor', 'withheldSwept', [])) === roots.withheldTotal
  })
}

describe('a fork', () => {
  test.each([1, 20])(
    'of %d blocks undoes a root that was posted, and it is posted again',
    async (depth) => {
      await prepareCharges()
      await stage.chain.anvil.mine(depth)
      await using _keeper = await stage.startKeeper(8)
      await untilPosted()
      await stage.chain.rollback(depth, { forget: true })
      await becomeApplicable()
      await untilApplied()
      expect(stage.logger.errors).toEqual([])
    },
  )

  test.each([1, 20])('of %d blocks undoes charges, and they are applied again', async (depth) => {
    await prepareCharges()
    await using keeper = await stage.startKeeper(8)
    await becomeApplicable()
    await stage.chain.anvil.mine(depth)
    await untilApplied()
    await until('its knowing that nothing is left', async () => {
      const answer = await fetch(`${keeper.url}/v1/chores`)
      const { chores } = (await answer.json()) as { chores: ChoreReport[] }
      const charges = chores.find(({ chore }) => chore === 'charges ankr')
      const [applied] = charges?.done ?? []
      return applied !== undefined && (charges?.lastAt ?? '') > applied.at
    })
    await stage.chain.rollback(depth, { forget: true })
    await untilApplied()
    expect(await readPart(stage.system, 'distributor', 'fundedTotal', [])).toBe(
      await readPart(stage.system, 'feeRouter', 'providersTotal', []),
    )
    expect(stage.logger.errors).toEqual([])
  })
})

test('a fork undoes an epoch, and then its payouts, and both are brought again', async () => {
  const { system, chain } = stage
  const economy = { ...system, rpc: chain.anvil.url }
  for (const number of [4, 5]) await openProvider(economy, player(number), { nodes: 1 })
  await prepareCharges()
  await using _keeper = await stage.startKeeper(8)
  await becomeApplicable()
  await untilApplied()
  await untilReleased()
  await chain.anvil.mine(20)
  const { file } = await stage.publishEpoch()
  const untilEpoch = () =>
    until('the epoch', async () => (await readPart(system, 'epochs', 'latest', []))[1])
  await untilEpoch()
  await chain.rollback(20, { forget: true })
  await untilEpoch()
  await stage.passTime(rootDelay)
  await chain.anvil.mine(20)
  await untilPaid(file)
  await chain.rollback(20, { forget: true })
  await untilPaid(file)
  expect(await readPart(system, 'epochs', 'attempt', [])).toBe(1n)
  expect(stage.logger.errors).toEqual([])
})

test('two keepers race for each transaction, and everything happens once without a noise', async () => {
  const { system, chain } = stage
  const economy = { ...system, rpc: chain.anvil.url }
  for (const number of [4, 5]) await openProvider(economy, player(number), { nodes: 1 })
  await prepareCharges()
  // Both see what is due long before a block has what either sent.
  await chain.anvil.ask('evm_setAutomine', [false])
  await chain.anvil.ask('evm_setIntervalMining', [1])
  await using _one = await stage.startKeeper(7, { patienceMs: 20_000 })
  await using _other = await stage.startKeeper(8, { patienceMs: 20_000 })
  await becomeApplicable()
  await untilApplied()
  await untilReleased()
  const { file } = await stage.publishEpoch()
  await until('the epoch', async () => (await readPart(system, 'epochs', 'latest', []))[1])
  await stage.passTime(rootDelay)
  await untilPaid(file)
  expect(await readPart(system, 'ankrEscrow', 'chargeRootCount', [])).toBe(1n)
  expect(await readPart(system, 'epochs', 'attempt', [])).toBe(1n)
  expect(stage.logger.errors).toEqual([])
})

/** A node of the chain that hands on what it is asked, and tells of transactions before and after it has handed them on. */
function serveGate(
  url: string,
  gate: { before(name: string): boolean; after(name: string): void },
) {
  const server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1', development: false },
    async fetch(request) {
      const body = await request.text()
      const { method, params } = JSON.parse(body) as { method: string; params: unknown[] }
      const isSending = method === 'eth_sendRawTransaction'
      const name = isSending ? nameOf(params[0] as Hex) : ''
      if (isSending && !gate.before(name)) return new Response('', { status: 503 })
      const headers = { 'content-type': 'application/json' }
      const answer = await (await fetch(url, { method: 'POST', headers, body })).text()
      if (isSending) gate.after(name)
      return new Response(answer, { headers })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  }
}

/** The function that a transaction calls. */
function nameOf(signed: Hex): string {
  const { data = '0x' } = parseTransaction(signed)
  return decodeFunctionData({ abi: everyAbi.flat(), data }).functionName
}

test('killed before and after each thing it sends, it goes on where the chain is', async () => {
  const { system, chain, files, verifiers } = stage
  const economy = { ...system, rpc: chain.anvil.url }
  for (const number of [4, 5]) await openProvider(economy, player(number), { nodes: 1 })
  await prepareCharges()
  const kills: string[] = []
  let keeper: KeeperProcess | undefined
  const killOnce = (moment: string): boolean => {
    if (kills.includes(moment)) return false
    kills.push(moment)
    keeper?.kill()
    return true
  }
  const gate = stack.use(
    serveGate(chain.anvil.url, {
      before: (name) => !killOnce(`before ${name}`),
      after: (name) => void killOnce(`after ${name}`),
    }),
  )
  let isOver = false
  const running = (async () => {
    while (!isOver) {
      keeper = await startKeeperProcess({
        ...{ deployment: system.deployment, privateKey: privateKeyOf(player(8)) },
        ...{ rpcUrl: gate.url, billingUrl: files.url, verifiers: verifiers.map(({ url }) => url) },
        config: { ankrMin: '0.000001', intervals: shortIntervals },
        onStart: (child) => {
          keeper = child as KeeperProcess
        },
      }).catch(() => undefined)
      // It may have been over before this one had begun.
      if (isOver) await keeper?.stop()
      await keeper?.ended
    }
  })()
  await becomeApplicable()
  await untilApplied()
  await untilReleased()
  const { file } = await stage.publishEpoch()
  await until('the epoch', async () => (await readPart(system, 'epochs', 'latest', []))[1])
  await stage.passTime(rootDelay)
  await untilPaid(file)
  isOver = true
  await keeper?.stop()
  await running
  const steps = ['postChargeRoot', 'applyCharges', 'release', 'post', 'pushMany', 'sweepWithheld']
  expect(kills.sort()).toEqual(steps.flatMap((step) => [`after ${step}`, `before ${step}`]).sort())
  expect(await readPart(system, 'ankrEscrow', 'chargeRootCount', [])).toBe(1n)
  expect(await readPart(system, 'epochs', 'attempt', [])).toBe(1n)
})

test('what an earlier run has left in the pool is waited for, then replaced, and all goes on', async () => {
  const { system, chain } = stage
  await prepareCharges()
  await chain.anvil.ask('evm_setAutomine', [false])
  // Offers too little to be taken in.
  const { address } = player(8)
  const { baseFeePerGas } = await system.reader.getBlock()
  const price = `0x${((baseFeePerGas ?? 0n) + 1n).toString(16)}`
  await chain.anvil.ask('eth_sendTransaction', [
    { from: address, to: address, value: '0x1', gas: '0x5208', gasPrice: price },
  ])
  await using _keeper = await stage.startKeeper(8, { patienceMs: 500 })
  await until('the replacement', async () =>
    stage.logger.warnings.some((line) => line.includes('empty')),
  )
  expect(await readPart(system, 'ankrEscrow', 'chargeRootCount', [])).toBe(0n)
  await chain.anvil.ask('evm_setAutomine', [true])
  await chain.anvil.mine(1)
  await untilPosted()
  // The transfer did not happen.
  expect(stage.logger.errors).toEqual([])
})
