import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask, startForTest, until } from '@mooring/billing/billing.fixtures'
import { openFolder, runCommand } from '@mooring/cli/context.fixtures'
import { formatDeployment } from '@mooring/onchain/deployment'
import { openDatabase } from '@mooring/store/database'
import { startPostgres } from '@mooring/store/embedded/postgres'
import { startAnvil } from '@mooring/testkit/anvil'
import { loadEconomy } from '@mooring/testkit/economy/loaded'
import { playNetwork } from '@mooring/testkit/played-network'

/** `mooring providers` against a billing service on a chain. */

// Room for a slow machine.
setDefaultTimeout(120_000)

const stack = new AsyncDisposableStack()
const folder = openFolder()
let url: string
beforeAll(async () => {
  stack.defer(() => folder[Symbol.dispose]())
  const postgres = stack.use(await startPostgres())
  const anvil = stack.use(await startAnvil({ chainId: 31_337 }))
  const economy = await loadEconomy(anvil)
  const deployment = join(folder.path, 'deployment.json')
  writeFileSync(deployment, formatDeployment(economy.deployment))
  const databaseUrl = await postgres.createDatabase('providers')
  const database = stack.use(await openDatabase(databaseUrl))
  await playNetwork(economy, anvil, database)
  const billing = stack.use(
    await startForTest({
      ...{ databaseUrl, chain: { deployment, rpcUrl: anvil.url }, network: { intervalMs: 200 } },
      // What is closed here is played.
      epochs: { intervalMs: 86_400_000, closeAfterSeconds: 2_592_000 },
    }),
  )
  url = billing.url
  mkdirSync(join(folder.path, '.mooring'))
  writeFileSync(join(folder.path, '.mooring/network.json'), JSON.stringify({ billing: url }))
  await until('both epochs', async () => {
    const { body } = await ask<{ epochs?: unknown[] }>(url, '/v1/network/epochs')
    return body.epochs?.length === 2
  })
})
afterAll(() => stack.disposeAsync())

/** The billing service is found by what the local network says of itself. */
const run = (...args: string[]) => runCommand(['providers', ...args], { cwd: folder.path })

test('lists providers with what they earned and what it brings', async () => {
  const { exitCode, stdout } = await run()
  expect(exitCode).toBe(0)
  const [head, first, second] = stdout.split('\n')
  expect(head).toMatch(/PROVIDER +NAME +NODES +OWN STAKE +DELEGATED +COMMISSION/)
  expect(first).toMatch(/1 +<img .* 1 of 1 +100,000 ANKR +50,000 ANKR +10 % +100 % +\d+/)
  expect(second).toMatch(/2 +– +1 of 1 +100,000 ANKR +0 ANKR +0 % +– +0 ANKR +– +1$/)
})

test('shows one with its nodes and its record', async () => {
  const { exitCode, stdout } = await run('show', '2', '--billing', url)
  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/missed epochs +1 of 2/)
  expect(stdout).toMatch(/2 +active +full +local +eth/)
  expect(stdout).toMatch(/made +0 ANKR +0 ANKR +– +no relays/)
})

test('shows where nodes are wanted', async () => {
  const { stdout } = await run('demand')
  expect(stdout).toMatch(/bsc +500 +no node +1,000 +0 +– +100 %/)
  expect(stdout).toMatch(/eth +0 +well served +2,000 +2 +500 +0 %.*local: 2, 500 each/)
})

test('gives programs what the service said', async () => {
  const { stdout } = await run('demand', '--json')
  expect(JSON.parse(stdout)).toMatchObject({ chains: [{ chain: 'bsc', waiting: '500' }, {}] })
  const listed = JSON.parse((await run('list', '--json')).stdout)
  expect(listed).toMatchObject({ total: 2, providers: [{ id: '1' }, { id: '2' }] })
})

test('says what is wrong', async () => {
  expect(await run('show', '9')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('there is no provider 9'),
  })
  expect((await run('show', 'x')).exitCode).toBe(2)
  const silent = await run('--billing', 'http://127.0.0.1:1')
  expect(silent.stderr).toContain('No billing service answers at http://127.0.0.1:1')
})

test.each([
  ['nothing like it', { hello: 1 }],
  ['other figures', { at: {}, providers: [{ id: 1 }], next: null }],
])('takes no stranger for a billing service: %s', async (_, answer) => {
  const server = Bun.serve({
    ...{ port: 0, hostname: '127.0.0.1', development: false },
    fetch: () => Response.json(answer),
  })
  try {
    const { exitCode, stdout, stderr } = await run('--billing', `http://127.0.0.1:${server.port}`)
    expect({ exitCode: exitCode > 0, stdout }).toEqual({ exitCode: true, stdout: '' })
    expect(stderr).toContain('is no billing service that tells of its network')
  } finally {
    await server.stop(true)
  }
})
