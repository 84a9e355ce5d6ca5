import { afterAll, beforeAll, expect, test } from 'bun:test'
import { localOne } from '@mooring/chains/definitions/local_one'
import type { UpstreamReport, UpstreamsReport } from '@mooring/protocol/reports/upstreams'
import { anvilAccount } from '@mooring/testkit/anvil'
import type { Faults } from '@mooring/testkit/fronts/faults'
import { type LocalNetwork, startLocalNetwork } from '@mooring/testkit/local-network/network'

// Nine healthy nodes of three providers, of which four break in four ways while 200 requests come each second.

const requestsPerSecond = 200
const pollIntervalMs = 1_000
const healthySeconds = 1
const brokenSeconds = 4

const breaks: { node: [string, string]; faults: Partial<Faults>; gates: RegExp; why: RegExp }[] = [
  {
    node: ['alpha', 'one'],
    faults: { down: true },
    gates: /SILENT|CORDONED/,
    why: /does not answer|UNREACHABLE/,
  },
  {
    node: ['alpha', 'two'],
    faults: { stall: true },
    gates: /SILENT/,
    why: /does not answer the height query/,
  },
  {
    node: ['bravo', 'one'],
    faults: { lagBlocks: 20 },
    gates: /LAG/,
    why: /\d+ blocks behind the head, the limit is 10/,
  },
  {
    node: ['charlie', 'one'],
    faults: { failRatio: 1, failWith: 'html' },
    gates: /SILENT|CORDONED/,
    why: /does not answer|BAD_GATEWAY/,
  },
]

let network: LocalNetwork

beforeAll(async () => {
  const fronts = ['alpha', 'bravo', 'charlie'].flatMap((provider) =>
    ['one', 'two', 'three'].map((node) => ({ provider, node })),
  )
  network = await startLocalNetwork({
    chains: [{ definition: localOne, fronts }],
    actorIntervalMs: 200,
  })
  // A lag of 20 blocks needs a chain that is longer than that.
  await network.chains[0]?.anvil.mine(30)
})

afterAll(() => network.stop())

type Seen = { method: string; status: number; error: unknown; result: unknown; tookMs: number }

const account = anvilAccount.address
const methods: ((at: number) => { method: string; params: unknown[] })[] = [
  () => ({ method: 'eth_blockNumber', params: [] }),
  (at) => ({
    method: 'eth_getBalance',
    params: [`0x${at.toString(16).padStart(40, '0')}`, 'latest'],
  }),
  () => ({ method: 'eth_getBlockByNumber', params: ['latest', false] }),
  (at) => ({ method: 'eth_getBlockByNumber', params: [`0x${(at % 30).toString(16)}`, true] }),
  (at) => ({
    method: 'eth_call',
    params: [{ to: account, data: `0x${at.toString(16).padStart(8, '0')}` }, 'latest'],
  }),
  () => ({ method: 'eth_getLogs', params: [{ fromBlock: '0x1', toBlock: 'latest' }] }),
  () => ({ method: 'eth_gasPrice', params: [] }),
]

/** Sends at the set rate whatever becomes of earlier requests, as consumers do. */
async function load(seconds: number): Promise<Seen[]> {
  const startMs = performance.now()
  const running: Promise<Seen>[] = []
  for (let at = 0; at < seconds * requestsPerSecond; at++) {
    const waitMs = startMs + (at * 1_000) / requestsPerSecond - performance.now()
    if (waitMs > 1) await Bun.sleep(waitMs)
    running.push(ask(at))
  }
  return await Promise.all(running)
}

async function ask(at: number): Promise<Seen> {
  const { method, params } = methods[at % methods.length]?.(at) ?? { method: 'none', params: [] }
  const startMs = performance.now()
  const response = await fetch(`${network.gateway.url}/local_one`, {
    method: 'POST',
    body: JSON.stringify({ jsonrpc: '2.0', id: at, method, params }),
  })
  // The gateway answers JSON-RPC, whatever happens; a test reads no more of it than this.
  const { error, result } = (await response.json()) as { error?: unknown; result?: unknown }
  return { method, status: response.status, error, result, tookMs: performance.now() - startMs }
}

async function upstreams(): Promise<UpstreamReport[]> {
  const report = (await (
    await fetch(`${network.gateway.adminUrl}/v1/upstreams`)
  ).json()) as UpstreamsReport
  return report.chains[0]?.upstreams ?? []
}

test('four nodes breaking in four ways cost no consumer an error, and each is explained', async () => {
  const before = await load(healthySeconds)
  const breaking = load(brokenSeconds)
  await Bun.sleep(300)
  const brokenAtMs = performance.now()
  for (const { node, faults } of breaks) await network.front('local_one', ...node).set(faults)

  const leftAfterMs = new Map<string, number>()
  while (leftAfterMs.size < breaks.length && performance.now() - brokenAtMs < 3_500) {
    for (const { id, score } of await upstreams()) {
      const isBroken = breaks.some(({ node }) => node.join('/') === id)
      if (isBroken && score === 0 && !leftAfterMs.has(id))
        leftAfterMs.set(id, performance.now() - brokenAtMs)
    }
    await Bun.sleep(20)
  }
  const during = await breaking

  const failed = [...before, ...during].filter(({ status, error, result }) => {
    return status !== 200 || error !== undefined || result === null || result === undefined
  })
  expect(failed).toEqual([])
  expect(before.length + during.length).toBe((healthySeconds + brokenSeconds) * requestsPerSecond)

  const report = await upstreams()
  for (const { node, gates, why } of breaks) {
    const id = node.join('/')
    const upstream = report.find((each) => each.id === id)
    expect(`${id} ${upstream?.score}`).toBe(`${id} 0`)
    expect(upstream?.gates.map(({ gate }) => gate).join()).toMatch(gates)
    expect(upstream?.gates.map(({ reason }) => reason).join()).toMatch(why)
    // Two poll intervals, and what one answer of the report takes.
    expect(leftAfterMs.get(id) ?? Number.POSITIVE_INFINITY).toBeLessThan(2 * pollIntervalMs + 250)
  }
  for (const { id, score } of report) {
    if (!breaks.some(({ node }) => node.join('/') === id)) expect(score).toBeGreaterThan(5)
  }

  // Once left, a broken node hears nothing of consumers.
  const asked = (node: [string, string]) =>
    network.front('local_one', ...node).requests.eth_gasPrice ?? 0
  const atRest = breaks.map(({ node }) => asked(node))
  await load(1)
  expect(breaks.map(({ node }) => asked(node))).toEqual(atRest)
}, 30_000)

test('healed nodes come back by probes, with a share of the traffic first', async () => {
  for (const { node } of breaks) await network.front('local_one', ...node).reset()
  const ids = breaks.map(({ node }) => node.join('/'))
  const endMs = performance.now() + 20_000
  let seenOnProbation = false
  for (;;) {
    const broken = (await upstreams()).filter(({ id }) => ids.includes(id))
    seenOnProbation ||= broken.some(({ score, onProbation }) => score > 0 && onProbation)
    if (broken.every(({ score }) => score > 0)) break
    if (performance.now() > endMs) throw new Error(`still out: ${JSON.stringify(broken)}`)
    await Bun.sleep(100)
  }
  expect(seenOnProbation).toBe(true)
}, 30_000)
