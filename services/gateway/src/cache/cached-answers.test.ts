import { afterEach, expect, test } from 'bun:test'
import { localOne } from '@mooring/chains/definitions/local_one'
import type { ChainReport, UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import { seededRandom } from '@mooring/testkit/random'
import {
  healthy,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import { startTestGateway, type TestGateway, testChainId, until } from '../gateway.fixtures.ts'
import { SimulatedChain, SimulatedNode } from './simulated-chain.fixtures.ts'

// A real gateway before nodes that follow a chain at their own pace, while it grows, is reorganised and
// becomes final. Every value of that chain tells of which block it is, so that an answer from another block
// than the one asked for shows.

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

type World = {
  chain: SimulatedChain
  nodes: SimulatedNode[]
  upstreams: ScriptedUpstream[]
  gateway: TestGateway
}

async function startWorld(blocks: number): Promise<World> {
  const chain = new SimulatedChain()
  chain.mine(blocks)
  chain.finalise(8)
  const nodes = [
    new SimulatedNode(chain),
    new SimulatedNode(chain, { takesHashes: false }),
    new SimulatedNode(chain, { finalAhead: 6 }),
  ]
  for (const node of nodes) node.sync()
  const upstreams = nodes.map((node) =>
    startScriptedUpstream(
      healthy({
        chainId: testChainId,
        head: () => node.headBlock,
        rest: ({ method, params }) => node.answer(method, params),
      }),
    ),
  )
  opened.push(...upstreams)
  const gateway = await startTestGateway(
    upstreams.map(({ url }, at) => ({
      provider: ['a', 'b', 'c'][at] ?? '',
      name: 'one',
      url,
      type: 'archive',
    })),
  )
  opened.push(gateway)
  return { chain, nodes, upstreams, gateway }
}

/** Until the gateway goes by the chain as it is now. */
async function untilFollowed(world: World): Promise<void> {
  await until(async () => (await reportOf(world))?.headHash === world.chain.head.hash)
}

async function reportOf({ gateway }: World): Promise<ChainReport | undefined> {
  const report = await (await fetch(`${gateway.adminUrl}/v1/upstreams`)).json()
  return (report as UpstreamsReport).chains[0]
}

type Ask = { method: string; params: unknown[] }

// More histories: MOORING_SEEDS=1,2,3 npm test -- services/gateway/src/cache
const seeds = process.env.MOORING_SEEDS?.split(',').map(Number) ?? [14]

test.each(seeds)(
  'seed %i: after any history every answer is a fresh node`s',
  async (seed) => {
    const world = await startWorld(120)
    const { chain, nodes, gateway } = world
    const random = seededRandom(seed)
    const upTo = (max: number) => Math.floor(random() * (max + 1))
    const hex = (number: number) => `0x${number.toString(16)}`

    const anyAsk = (lowest: number, highest: number): Ask => {
      const block = lowest + upTo(highest - lowest)
      const address = hex(1 + upTo(1)).padEnd(42, '0')
      switch (upTo(5)) {
        case 0:
          return { method: 'eth_getBalance', params: [address, hex(block)] }
        case 1:
          return { method: 'eth_call', params: [{ to: address, data: '0xAB' }, hex(block)] }
        case 2:
          return { method: 'eth_getBlockByNumber', params: [hex(block), true] }
        case 3:
          return { method: 'eth_getTransactionReceipt', params: [hex(block)] }
        default: {
          const from = Math.max(lowest, block - upTo(130))
          return {
            method: 'eth_getLogs',
            params: [{ address, fromBlock: hex(from), toBlock: hex(block) }],
          }
        }
      }
    }
    const fresh = ({ method, params }: Ask): unknown => {
      const node = new SimulatedNode(chain)
      node.sync()
      const reply = node.answer(method, params)
      if (typeof reply !== 'object' || !('result' in reply))
        throw new Error(`${method} has no answer`)
      return reply.result
    }
    const answered = async ({ method, params }: Ask) => {
      const { result, error } = await gateway.call(method, params)
      return error ?? result
    }

    let hits = 0
    for (let round = 0; round < 12; round++) {
      const turn = upTo(3)
      if (turn === 0) chain.mine(1 + upTo(30))
      else if (turn === 1) chain.reorganise(1 + upTo(6), upTo(2))
      else chain.mine(1 + upTo(2))
      if (upTo(1) === 0) chain.finalise(4 + upTo(6))
      // Some nodes follow at once, the others are late or on the old fork: what is final is not in doubt.
      for (const node of nodes) if (upTo(1) === 0) node.sync()
      // At times the gateway has noticed before anybody asks.
      if (upTo(1) === 0) await Bun.sleep(150)
      // Whatever is kept of what is asked now must not be told later.
      const unsettled = Promise.all(
        Array.from({ length: 30 }, () =>
          answered(anyAsk(chain.head.number - 14, chain.head.number)),
        ),
      )
      // What the gateway counts as settled long ago is right whatever the nodes are on.
      const old = ((await reportOf(world))?.finalBlock ?? 0) - localOne.lag.criticalBlocks
      for (let at = 0; at < 6; at++) {
        const ask = anyAsk(0, Math.max(0, old))
        expect({ ask, result: await answered(ask) }).toEqual({ ask, result: fresh(ask) })
      }
      await unsettled
      for (const node of nodes) node.sync()
      await untilFollowed(world)
      for (let at = 0; at < 12; at++) {
        // Mostly where answers were kept while the nodes differed.
        const lowest = upTo(2) === 0 ? 0 : chain.head.number - 14
        const ask = anyAsk(lowest, chain.head.number)
        const expected = { ask, result: fresh(ask) }
        expect({ ask, result: await answered(ask) }).toEqual(expected)
        // What is cheap is kept when it is asked for again.
        expect({ ask, result: await answered(ask) }).toEqual(expected)
        const trace = await gateway.trace(ask.method, ask.params)
        if (trace.source === 'cache') hits++
        expect({ ask, result: await answered(ask) }).toEqual(expected)
      }
      const latest = { method: 'eth_getBalance', params: ['0x1', 'latest'] }
      expect(await answered(latest)).toBe(chain.head.hash)
    }
    // It did answer from memory, or nothing was tested.
    expect(hits).toBeGreaterThan(70)
  },
  30_000,
)

test('no request is answered from two forks, though half of the nodes are on another one', async () => {
  const world = await startWorld(40)
  const { chain, nodes, upstreams, gateway } = world
  // One provider of three stays on the old fork, as high as the others.
  const [stray] = nodes
  chain.reorganise(3, 0)
  for (const node of nodes) if (node !== stray) node.sync()
  await untilFollowed(world)
  const canonical = new Set(
    Array.from({ length: chain.head.number + 1 }, (_, number) => chain.at(number)?.hash),
  )
  const body = (at: number) =>
    JSON.stringify([
      { id: 1, method: 'eth_getBlockByNumber', params: ['latest', true] },
      { id: 2, method: 'eth_getBalance', params: [`0x${at}`, 'latest'] },
      { id: 3, method: 'eth_call', params: [{ to: `0x${at}` }, 'latest'] },
      { id: 4, method: 'eth_getLogs', params: [{ topics: [`0x${at}`] }] },
      { id: 5, method: 'eth_getLogs', params: [{ topics: [`0x${at}`], fromBlock: '0x20' }] },
      { id: 6, method: 'eth_getTransactionReceipt', params: [`0x26`] },
    ])
  for (let at = 0; at < 40; at++) {
    const answers = (await (await gateway.post(body(at))).json()) as { result: unknown }[]
    const [block, balance, call, one, many, receipt] = answers.map(({ result }) => result)
    expect(block).toMatchObject({ hash: chain.head.hash })
    expect([balance, call]).toEqual([chain.head.hash, chain.head.hash])
    for (const log of [...(one as object[]), ...(many as object[]), receipt]) {
      expect(canonical.has((log as { blockHash: string }).blockHash)).toBe(true)
    }
  }
  // The one on the other fork was asked, and what it said was not believed.
  const asked = upstreams[0]?.requests.filter(({ method }) => method === 'eth_getLogs').length ?? 0
  expect(asked).toBeGreaterThan(0)
}, 20_000)
