import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { localOne } from '@mooring/chains/definitions/local_one'
import { runCommand } from '@mooring/cli/context.fixtures'
import type { UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import { type Child, startChild } from '@mooring/store/embedded/child'
import { anvilAccount } from '@mooring/testkit/anvil'
import { resultFrom } from '@mooring/testkit/ask-node'
import { type LocalNetwork, startLocalNetwork } from '@mooring/testkit/local-network/network'
import type { NetworkSummary } from '@mooring/testkit/local-network/summary'
import { freePort, isFree } from '@mooring/testkit/ports'

const program = resolve(import.meta.dir, '../packages/testkit/src/local-network/main.ts')

// A whole network starts in each of these, on a machine that may have other work.
setDefaultTimeout(60_000)

describe('a local network in this process', () => {
  let network: LocalNetwork

  beforeAll(async () => {
    network = await startLocalNetwork({
      chains: [
        {
          definition: localOne,
          fronts: [
            { provider: 'alpha', node: 'one' },
            { provider: 'bravo', node: 'one' },
            { provider: 'charlie', node: 'one' },
          ],
        },
      ],
    })
  })
  afterAll(() => network?.stop())

  test('answers through the gateway, and its head moves', async () => {
    const url = `${network.gateway.url}/local_one`
    expect(await resultFrom(url, 'eth_chainId')).toBe('0x7a69')
    const head = Number(await resultFrom(url, 'eth_blockNumber'))
    expect(head).toBeGreaterThan(0)
    while (Number(await resultFrom(url, 'eth_blockNumber')) === head) await Bun.sleep(50)
    const filter = { address: network.chains[0]?.actor.tokenAddress, fromBlock: '0x0' }
    const logs = await resultFrom(url, 'eth_getLogs', [filter])
    expect(logs).toBeArray()
    expect(logs).not.toBeEmpty()
  })

  test('answers batches as large as clients send them unasked', async () => {
    const response = await fetch(`${network.gateway.url}/local_one`, {
      method: 'POST',
      body: JSON.stringify(
        Array.from({ length: 100 }, (_, id) => ({
          ...{ jsonrpc: '2.0', id, method: 'eth_getBalance' },
          params: [anvilAccount.address, 'latest'],
        })),
      ),
    })
    const answers = await response.json()
    expect(answers).toHaveLength(100)
    expect(answers).not.toContainEqual(expect.objectContaining({ error: expect.anything() }))
  })

  test('a node that is steered to lag far is held out of selection', async () => {
    await network.chains[0]?.anvil.mine(30)
    await fetch(`${network.steering.url}/fronts/local_one/alpha/one`, {
      method: 'POST',
      body: '{"lagBlocks": 20}',
    })
    const lagging = async () => {
      const response = await fetch(`${network.gateway.adminUrl}/v1/upstreams`)
      const { chains } = (await response.json()) as UpstreamsReport
      return chains[0]?.upstreams.find(({ id }) => id === 'alpha/one')
    }
    let seen = await lagging()
    while (!seen?.gates.some(({ gate }) => gate === 'LAG')) {
      await Bun.sleep(50)
      seen = await lagging()
    }
    expect(seen.score).toBe(0)
    await network.front('local_one', 'alpha', 'one').reset()
    while (((await lagging())?.gates ?? []).length > 0) await Bun.sleep(50)
  })
})

describe('the program', () => {
  let folder: string
  let ports: [gateway: number, admin: number, networkAdmin: number]
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mooring-up-'))
    ports = [await freePort(), await freePort(), await freePort()]
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const start = (extra: readonly string[] = []) =>
    startChild({
      name: 'the local network',
      command: process.execPath,
      args: [
        ...['--no-orphans', '--no-install', program, '--json'],
        ...['--gateway-port', String(ports[0]), '--admin-port', String(ports[1])],
        ...['--network-admin-port', String(ports[2])],
        ...extra,
      ],
      cwd: folder,
    })
  const ready = async (child: Child): Promise<NetworkSummary> => {
    for (;;) {
      const line = child
        .tail()
        .split('\n')
        .find((text) => text.startsWith('{'))
      if (line !== undefined) return JSON.parse(line)
      const ended = await Promise.race([child.ended.then(() => true), Bun.sleep(20)])
      if (ended) throw new Error(child.tail())
    }
  }
  const signal = async (child: Child, name: NodeJS.Signals) => {
    process.kill(child.pid, name)
    return (await child.ended).code
  }
  const allPortsOf = (summary: NetworkSummary) =>
    [
      summary.gateway,
      summary.admin,
      summary.networkAdmin,
      ...Object.values(summary.chains).flatMap(({ anvil, fronts }) => [
        anvil,
        ...fronts.map(({ url }) => url),
      ]),
    ].map((url) => Number(new URL(url).port))

  test('serves two chains of nine nodes, refuses a second start, and one Ctrl-C stops it all', async () => {
    await using child = await start()
    const summary = await ready(child)
    const file = join(folder, '.mooring/network.json')
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(summary)
    expect(summary.gateway).toBe(`http://127.0.0.1:${ports[0]}`)
    expect(Object.keys(summary.chains)).toEqual(['local_one', 'local_two'])
    for (const { endpoint, fronts, chainId } of Object.values(summary.chains)) {
      expect(fronts).toHaveLength(9)
      expect(Number(await resultFrom(endpoint, 'eth_chainId'))).toBe(chainId)
    }

    // The contracts are there, and the command finds them and a player's purse by itself.
    const key = summary.economy?.accounts['player-1']?.privateKey
    const registered = await runCommand(['provider', 'register', '--commission', '10%', '--yes'], {
      cwd: folder,
      env: { MOORING_PRIVATE_KEY: key },
    })
    expect(registered.stdout).toStartWith('Done: Register a provider')
    const checked = await runCommand(['economy', 'check'], { cwd: folder })
    expect(checked.stdout).toStartWith('Every contract and every role is as it was handed over')
    await serveANode(folder, summary)

    await using second = await start()
    expect((await second.ended).code).toBe(1)
    expect(second.tail()).toContain(`already runs here (process ${child.pid})`)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(summary)

    expect(await signal(child, 'SIGINT')).toBe(0)
    const left = await readdir(join(folder, '.mooring'))
    const configurations = ['accounts.yaml', 'billing.yaml', 'gateway.yaml', 'keeper.yaml']
    const files = [...configurations, 'deployments', 'meter', 'receipts', 'verifiers'].sort()
    expect(left.sort()).toEqual(files)
    for (const port of allPortsOf(summary)) expect(await isFree(port)).toBeTrue()
  })

  test('uses the next port when one is taken, and says which part broke when a process dies', async () => {
    const server = createServer()
    await new Promise<void>((done) => server.listen(ports[0], '127.0.0.1', () => done()))
    await using child = await start()
    const summary = await ready(child)
    server.close()
    expect(summary.gateway).not.toBe(`http://127.0.0.1:${ports[0]}`)
    expect(child.tail()).toContain(`port ${ports[0]} (gateway) is taken, using `)

    const { gateway } = summary.processes
    if (gateway === undefined) throw new Error('the summary names no gateway process')
    process.kill(gateway, 'SIGKILL')
    expect((await child.ended).code).toBe(1)
    expect(child.tail()).toContain('the gateway ended unexpectedly with signal SIGKILL')
    const [, told = ''] = child.tail().split('mooring: the gateway ended')
    expect(told.split('\nstopping')[0]?.trim().split('\n').length).toBeLessThanOrEqual(12)
    for (const port of allPortsOf(summary)) expect(await isFree(port)).toBeTrue()
  })

  test('arguments it cannot use are answered with how it is called', async () => {
    const wrong = [['--gateway-port', '0'], ['--admin-port', '65536'], ['--nonsense'], ['extra']]
    for (const extra of wrong) {
      await using child = await start(extra)
      expect((await child.ended).code).toBe(2)
      expect(child.tail()).toStartWith('mooring: ')
      expect(child.tail()).toContain('\nUsage: npx mooring up [')
      if (extra[1] !== undefined) {
        const said = `${extra[0]} "${extra[1]}" is not a port from 1 to 65535`
        expect(child.tail()).toContain(said)
      }
    }
  })

  test('a signal while it starts leaves nothing', async () => {
    await using child = await start()
    while (!child.tail().includes('starting')) await Bun.sleep(5)
    expect(await signal(child, 'SIGTERM')).toBe(0)
    expect(await readdir(join(folder, '.mooring'))).not.toContain('network.lock')
  })
})

/** Registers a node as the page on the economy does, and waits until the gateway serves with it. */
async function serveANode(cwd: string, { economy, admin }: NetworkSummary): Promise<void> {
  const keyOf = (name: string) => economy?.accounts[name]?.privateKey
  const as = async (name: string, ...args: string[]) => {
    const env = {
      MOORING_PRIVATE_KEY: keyOf(name),
      MOORING_NODE_PRIVATE_KEY: keyOf('player-8'),
    }
    const { exitCode, stdout, stderr } = await runCommand(args, { cwd, env })
    if (exitCode !== 0) throw new Error(`${args.join(' ')}: ${stderr}`)
    return stdout.trim()
  }
  const node = ['--type', 'full', '--url', economy?.rpc ?? '', '--chains', 'local_one']
  await as('player-1', 'stake', '1', '100000', '--yes')
  await as('player-1', 'node', 'register', '1', ...node, '--yes')
  await as('player-1', 'node', 'audit', '1', '--yes')
  await as('admissions', 'node', 'admit', '1', '--yes')
  await as('player-1', 'node', 'activate', '1', '--yes')
  const uri = await as(
    'player-1',
    'node',
    'endpoint',
    '1',
    '--url',
    economy?.rpc ?? '',
    '--data-uri',
  )
  await as('player-1', 'node', 'profile', '1', ...node, '--metadata', uri, '--yes')
  const isServing = async () => {
    const { chains } = (await (await fetch(`${admin}/v1/upstreams`)).json()) as UpstreamsReport
    return chains[0]?.upstreams.some(({ id, score }) => id === 'p1/n1' && score > 0)
  }
  // The test's own deadline ends it.
  while (!(await isServing())) await Bun.sleep(50)
}
