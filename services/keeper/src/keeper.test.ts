import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { readPart } from '@mooring/onchain/contracts'
import { firstDepositMin, oneAnkr } from '@mooring/testkit/economy/deposit-chain'
import { player } from '@mooring/testkit/economy/people'
import { openProvider } from '@mooring/testkit/economy/providers'
import { leafOf, openStage, type Stage, until } from './test/stage.fixtures.ts'

// Room for a slow machine.
setDefaultTimeout(120_000)

const stack = new AsyncDisposableStack()
let stage: Stage
beforeAll(async () => {
  stage = stack.use(await openStage())
})
afterAll(() => stack.disposeAsync())

const period = 43_200n
const rootDelay = 48n * 3_600n

test('what was used becomes fees, and what was served is paid, to the unit', async () => {
  const { system, chain } = stage
  const economy = { ...system, rpc: chain.anvil.url }
  for (const number of [4, 5]) await openProvider(economy, player(number), { nodes: 1 })
  await chain.depositTogether([1, 2, 3])
  await stage.passTime(period)
  const leaves = [1n, 2n, 3n].map((number) => leafOf(player(Number(number)).address, number * 10n))
  await stage.publishCharges(leaves)
  await using keeper = await stage.startKeeper(8)
  const root = await until('the root', async () => {
    const count = await readPart(system, 'ankrEscrow', 'chargeRootCount', [])
    return count === 1n && (await readPart(system, 'ankrEscrow', 'chargeRootOf', [1n]))
  })
  const { timestamp } = await system.reader.getBlock()
  await stage.passTime(root.applicableAt - timestamp)
  const accountOf = (number: number) =>
    readPart(system, 'ankrEscrow', 'accountOf', [player(number).address])
  await until('the charges', async () => (await accountOf(3)).spent > 0n)
  for (const number of [1, 2, 3]) {
    const spent = BigInt(number) * 10n * oneAnkr
    expect(await accountOf(number)).toMatchObject({ spent, balance: firstDepositMin - spent })
  }
  const funded = await readPart(system, 'distributor', 'fundedTotal', [])
  expect(funded).toBe(await readPart(system, 'feeRouter', 'providersTotal', []))
  expect(funded).toBeGreaterThan(0n)
  for (const bucket of [0, 1, 2, 3]) {
    await until(`bucket ${bucket} being empty`, async () => {
      return (await readPart(system, 'feeRouter', 'accrued', [bucket])) === 0n
    })
  }

  const { file } = await stage.publishEpoch()
  const { epoch, payoutsTotal, withheldTotal, dataHash } = file.roots
  await until('the epoch', async () => {
    const [latest, any] = await readPart(system, 'epochs', 'latest', [])
    return any && latest === epoch
  })
  expect((await readPart(system, 'epochs', 'rootsOf', [epoch]))[0].dataHash).toBe(dataHash)
  await stage.passTime(rootDelay)
  await until('the payouts', async () => {
    return (await readPart(system, 'distributor', 'paidTotal', [])) === payoutsTotal
  })
  await until('what was withheld', async () => {
    return (await readPart(system, 'distributor', 'withheldSwept', [])) === withheldTotal
  })
  for (const { providerId, cumulative } of file.data.payouts) {
    const paid = await readPart(system, 'distributor', 'paidOf', [providerId])
    expect(paid).toEqual([cumulative, epoch])
  }
  expect(payoutsTotal).toBeGreaterThan(0n)
  expect(stage.logger.errors).toEqual([])
  const report = await (await fetch(`${keeper.url}/v1/chores`)).json()
  expect(report).toMatchObject({ address: player(8).address })
})
