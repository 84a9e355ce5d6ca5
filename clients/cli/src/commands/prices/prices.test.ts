import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { formatDeployment } from '@mooring/onchain/deployment'
import { type Anvil, startAnvil } from '@mooring/testkit/anvil'
import { startEconomy } from '@mooring/testkit/economy/start'
import { openFolder, runCommand } from '../../context.fixtures.ts'

// Other tests may be running beside these.
setDefaultTimeout(30_000)

let anvil: Anvil
const folder = openFolder()
const env: Record<string, string> = {}

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 31_337 })
  const { deployment } = await startEconomy(anvil)
  const file = join(folder.path, 'deployment.json')
  writeFileSync(file, formatDeployment(deployment))
  Object.assign(env, { MOORING_RPC_URL: anvil.url, MOORING_DEPLOYMENT: file })
})
afterAll(async () => {
  folder[Symbol.dispose]()
  await anvil?.stop()
})

test('without a chain at hand the table is shown, and that nobody was asked', async () => {
  const { exitCode, stdout, stderr } = await runCommand(['prices'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain(newestTable.hash)
  expect(stdout).toContain('400 credits, 0.00004 USD, over the shares below')
  expect(stdout).toMatch(/^evm +call +400 +0.00004 +33 % +eth_call/m)
  expect(stdout).toMatch(/^evm +any other +500 /m)
  expect(stdout).not.toContain('on chain')
  expect(stderr).toContain('No chain was asked')
})

test('a chain that names the table says since when, and one that names another says so', async () => {
  const { stdout, stderr } = await runCommand(['prices'], { env })
  expect(stdout).toContain('in force since epoch 0\n')
  expect(stderr).toBe('')

  const other = join(folder.path, 'other.json')
  writeFileSync(other, JSON.stringify({ ...newestTable.table, version: 2 }))
  const unnamed = await runCommand(['prices', '--table', other], { env })
  expect(unnamed.stdout).toContain(`not named: ${newestTable.hash} is in force (mooring:prices/1)`)
})

test('--json has every method and what the chain names', async () => {
  const { stdout } = await runCommand(['prices', '--json'], { env })
  const { hash, table, onChain } = JSON.parse(stdout)
  expect({ hash, table }).toEqual({ hash: newestTable.hash, table: newestTable.table })
  expect(onChain).toMatchObject({ inForce: { hash, firstEpoch: '0' }, waiting: null })
  expect(JSON.parse((await runCommand(['prices', '--json'])).stdout).onChain).toBeNull()
})

test('a chain that was named and does not answer is a failure', async () => {
  const named = { ...env, MOORING_RPC_URL: 'http://127.0.0.1:1' }
  const { exitCode, stdout } = await runCommand(['prices'], { env: named })
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
})
