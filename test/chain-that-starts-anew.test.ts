import { afterAll, beforeAll, expect, test } from 'bun:test'
import { type Anvil, anvilAccount, startAnvil } from '@mooring/testkit/anvil'
import { type GatewayProcess, startGateway } from '@mooring/testkit/gateway'

// A test chain that is stopped and started again has the same chain id and other blocks. Nothing of the one
// before is answered any more.

let chain: Anvil
let gateway: GatewayProcess

beforeAll(async () => {
  chain = await startAnvil({ chainId: 31_337 })
  await chain.mine(60)
  gateway = await startGateway({
    config: {
      chains: {
        local_one: {
          pollIntervalMs: 200,
          upstreams: [{ provider: 'alpha', name: 'one', url: chain.url, type: 'archive' }],
        },
      },
    },
  })
})

afterAll(async () => {
  await gateway.stop()
  await chain.stop()
})

async function ask(method: string, params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const response = await fetch(`${gateway.url}/local_one`, { method: 'POST', body })
  return ((await response.json()) as { result?: unknown }).result
}

const other = `0x${'ab'.repeat(20)}`

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 45_000
  while (!(await condition())) {
    if (performance.now() > endMs) throw new Error(`not true in time: ${condition}`)
    await Bun.sleep(50)
  }
}

test('a chain that starts anew under the same id is answered from as it is now', async () => {
  await until(async () => (await ask('eth_blockNumber', [])) === '0x3c')
  const questions: [string, unknown[]][] = [
    ['eth_getBlockByNumber', ['0x5', false]],
    ['eth_getBalance', [anvilAccount.address, '0x5']],
    ['eth_getLogs', [{ fromBlock: '0x0', toBlock: '0x14' }]],
  ]
  const answers = () => Promise.all(questions.map(([method, params]) => ask(method, params)))
  const before = await answers()
  expect(await answers()).toEqual(before)
  const { port } = chain
  await chain.stop()
  chain = await startAnvil({ chainId: 31_337, port })
  await chain.ask('anvil_setBalance', [anvilAccount.address, '0x7'])
  await chain.mine(20)
  await chain.ask('anvil_setBalance', [other, '0x5'])
  const fresh = () => Promise.all(questions.map(([method, params]) => chain.ask(method, params)))
  await until(async () => (await ask('eth_blockNumber', [])) === '0x14')
  expect(await answers()).toEqual(await fresh())
  expect(await answers()).not.toEqual(before)
  expect(await answers()).toEqual(await fresh())
}, 120_000)
