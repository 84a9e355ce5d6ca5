import { afterAll, beforeAll, expect, test } from 'bun:test'
import { localOne } from '@mooring/chains/definitions/local_one'
import type { UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import { type LocalNetwork, startLocalNetwork } from '@mooring/testkit/local-network/network'

// Two of five nodes are on a fork of the chain that is as high as the chain itself. No request, and no batch, is
// answered partly from one and partly from the other.

let network: LocalNetwork
const fronts = [
  { provider: 'alpha', node: 'one' },
  { provider: 'alpha', node: 'two' },
  { provider: 'bravo', node: 'one' },
  { provider: 'charlie', node: 'one' },
  { provider: 'charlie', node: 'two' },
]

beforeAll(async () => {
  network = await startLocalNetwork({
    chains: [{ definition: localOne, fronts }],
    actorIntervalMs: 300,
  })
  await network.chains[0]?.anvil.mine(20)
})

afterAll(() => network.stop())

type Answer = { id: number; result?: unknown; error?: unknown }

async function send(url: string, body: object): Promise<unknown> {
  return await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()
}

/** Code that answers with the hash of the parent of the block it runs on: NUMBER - 1, BLOCKHASH. */
const parentHashCode = '0x600143034060005260206000f3'
const contract = `0x${'c0'.repeat(20)}`

const batchOf = (at: number) => [
  { id: 1, method: 'eth_getBlockByNumber', params: ['latest', false] },
  {
    id: 2,
    method: 'eth_call',
    // Another caller each time, so that no answer is an old one.
    params: [
      { to: contract, from: `0x${at.toString(16).padStart(40, '0')}` },
      'latest',
      { [contract]: { code: parentHashCode } },
    ],
  },
  { id: 3, method: 'eth_getLogs', params: [{ fromBlock: 'latest' }] },
  { id: 4, method: 'eth_getLogs', params: [{ fromBlock: '0x10', topics: [null, null] }] },
]

test('no request and no batch mixes forks, and the fork that most providers are on is told', async () => {
  for (const node of ['one', 'two']) {
    await network.front('local_one', 'charlie', node).set({ fork: true })
  }
  const chain = network.chains[0]
  if (chain === undefined) throw new Error('there is no chain')
  const url = `${network.gateway.url}/local_one`
  const hashAt = async (number: string) => {
    const block = (await chain.anvil.ask('eth_getBlockByNumber', [number, false])) as {
      hash: string
    } | null
    return block?.hash
  }
  // Forked nodes are as high as the others, and gated by nothing.
  await Bun.sleep(1_500)
  let seen = 0
  for (let at = 0; at < 40; at++) {
    const answers = (await send(url, batchOf(at))) as Answer[]
    const [block, call, newest, older] = answers.map(({ result, error }) => {
      if (error !== undefined) throw new Error(JSON.stringify(error))
      return result
    }) as [{ number: string; hash: string; parentHash: string }, string, object[], object[]]
    expect(call).toBe(block.parentHash)
    expect(await hashAt(block.number)).toBe(block.hash)
    for (const log of [...newest, ...older] as { blockNumber: string; blockHash: string }[]) {
      expect(await hashAt(log.blockNumber)).toBe(log.blockHash)
    }
    seen = Number(block.number)
    await Bun.sleep(20)
  }
  expect(seen).toBeGreaterThan(20)
  const report = (await (
    await fetch(`${network.gateway.adminUrl}/v1/upstreams`)
  ).json()) as UpstreamsReport
  const forked = report.chains[0]?.upstreams.filter(({ provider }) => provider === 'charlie') ?? []
  // They were asked all the while: what they said was not believed.
  expect(forked.map(({ gates }) => gates)).toEqual([[], []])
  expect(forked.reduce((sum, { relays }) => sum + relays, 0)).toBeGreaterThan(0)
}, 30_000)
