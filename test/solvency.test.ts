import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { until } from '@mooring/billing/billing.fixtures'
import { openFolder, runCommand } from '@mooring/cli/context.fixtures'
import { callPart } from '@mooring/onchain/contracts'
import { formatDeployment } from '@mooring/onchain/deployment'
import { firstDepositMin, oneAnkr } from '@mooring/testkit/economy/deposit-chain'
import { thresholdEach } from '@mooring/testkit/economy/people'
import { bringer, type EpochWorld, openEpochWorld } from './closed-epochs/world.ts'

/** `mooring solvency` on a chain, and the books of a billing service beside it. */

// Room for a slow machine.
setDefaultTimeout(120_000)

type Holder = {
  holder: string
  asset: string
  held: string
  surplus: string
  difference: string
  holds: boolean
  parts: { for: string; amount: string }[]
}
type Answer = { solvent: boolean; books: string; block: string; holders: Holder[] }

const folder = openFolder()
let world: EpochWorld
let env: Record<string, string>
beforeAll(async () => {
  world = await openEpochWorld()
  const { deployment } = world.chain.system
  const file = join(folder.path, 'deployment.json')
  writeFileSync(file, formatDeployment(deployment))
  env = { MOORING_RPC_URL: world.chain.anvil.url, MOORING_DEPLOYMENT: file }
})
afterAll(async () => {
  await world?.[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

async function ask(...args: string[]) {
  const ran = await runCommand(['solvency', '--json', ...args], { cwd: folder.path, env })
  return { ...ran, answer: JSON.parse(ran.stdout) as Answer }
}

/** Once the books have read all that the chain has. */
async function askBooks() {
  await world.chain.anvil.mine(4)
  const head = await world.chain.system.reader.getBlockNumber()
  return until('the books to have read all', async () => {
    const found = await ask('--billing', world.urls[0])
    return BigInt(found.answer.block) >= head - 2n && found
  })
}

const holderOf = ({ holders }: Answer, name: string, asset = 'ankr') =>
  holders.find((one) => one.holder === name && one.asset === asset)

test('contracts alone say what they hold for whom', async () => {
  const { exitCode, answer, stderr } = await ask()
  expect(exitCode).toBe(0)
  expect(stderr).toContain('No books were asked')
  expect(answer).toMatchObject({ solvent: true, books: 'not asked' })
  expect(holderOf(answer, 'ankrEscrow')).toMatchObject({ held: String(firstDepositMin) })
  expect(holderOf(answer, 'pool')?.parts[0]).toEqual({
    ...{ for: 'providers (stake)', amount: String(200_000n * oneAnkr) },
  })
  expect(Number(holderOf(answer, 'signerSets')?.held)).toBeGreaterThan(thresholdEach)
})

test('and the books say the same to the unit, whatever is on its way', async () => {
  const gateway = await world.begin('gw-solvent')
  await gateway.use({ eth: 1_234 }, [])
  // Nobody attests these.
  await world.chain.deposit(2, { amount: firstDepositMin + 7n })
  await world.fund(5n * oneAnkr)
  const { exitCode, answer } = await askBooks()
  expect({ exitCode, books: answer.books }).toEqual({ exitCode: 0, books: 'asked' })
  expect(holderOf(answer, 'ankrEscrow')).toMatchObject({
    ...{ held: String(2n * firstDepositMin + 7n), difference: '0', surplus: '0' },
    parts: [
      { for: 'accounts, by the books', amount: String(firstDepositMin) },
      { for: 'accounts, not credited yet', amount: String(firstDepositMin + 7n) },
    ],
  })
  expect(holderOf(answer, 'distributor')?.parts.at(-1)).toEqual({
    ...{ for: 'epochs to come', amount: String(5n * oneAnkr) },
  })
  const { stdout } = await runCommand(['solvency', '--billing', world.urls[1]], { env })
  expect(stdout).toMatch(/ankrEscrow +accounts, by the books +1,000 ANKR\n/)
})

test('what came unasked is nobody’s, and no fault', async () => {
  const { system, send } = world.chain
  const { ankrEscrow } = system.deployment.parts
  await send(bringer.address, callPart(system, 'ankr', 'transfer', [ankrEscrow, 3n]))
  const { exitCode, answer } = await askBooks()
  expect(exitCode).toBe(0)
  expect(holderOf(answer, 'ankrEscrow')).toMatchObject({ surplus: '3', holds: true })
})

test('books that have a unit more than the escrow are found, and end with 1', async () => {
  const change = (by: number) =>
    world.database.sql`update holdings set tokens = tokens + ${by} where asset = 'ankr'`
  await change(1)
  const { exitCode, answer, stderr } = await ask('--billing', world.urls[0])
  expect(exitCode).toBe(1)
  expect(stderr).toContain('This does not add up: ankrEscrow (ankr).')
  expect(holderOf(answer, 'ankrEscrow')).toMatchObject({ difference: '-1', holds: false })
  await change(-1)
  expect((await ask('--billing', world.urls[0])).exitCode).toBe(0)
})

test('tokens that are gone are found, and end with 1', async () => {
  const { system, send, anvil } = world.chain
  const { pool } = system.deployment.parts
  await anvil.ask('anvil_impersonateAccount', [pool])
  await anvil.ask('anvil_setBalance', [pool, '0xde0b6b3a7640000'])
  const away = callPart(system, 'ankr', 'transfer', [bringer.address, 2n])
  expect((await send(pool, away)).status).toBe('success')
  const { exitCode, answer } = await ask()
  expect(exitCode).toBe(1)
  expect(holderOf(answer, 'pool')).toMatchObject({ surplus: '-2', difference: '0', holds: false })
  const { stdout } = await runCommand(['solvency'], { env })
  expect(stdout).toContain('MISSING')
})

test('a service that is no billing service is told', async () => {
  const run = (url: string) => runCommand(['solvency', '--billing', url], { env })
  expect((await run('nowhere')).exitCode).toBe(2)
  expect((await run(world.chain.anvil.url)).exitCode).toBe(3)
})
