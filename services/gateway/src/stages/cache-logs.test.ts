import { afterEach, expect, test } from 'bun:test'
import { healthy, startScriptedUpstream } from '@mooring/testkit/scripted-upstream'
import { SimulatedChain, SimulatedNode } from '../cache/simulated-chain.fixtures.ts'
import { startTestGateway, testChainId, until } from '../gateway.fixtures.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

const hex = (block: number) => `0x${block.toString(16)}`

/** A gateway over a chain of 500 blocks that is final up to a few blocks below its head. */
async function startLogs() {
  const chain = new SimulatedChain()
  chain.mine(500)
  chain.finalise(5)
  const node = new SimulatedNode(chain)
  node.sync()
  const failing = { isOn: false }
  const upstream = startScriptedUpstream(
    healthy({
      chainId: testChainId,
      head: () => node.headBlock,
      rest: ({ method, params }) =>
        failing.isOn && method === 'eth_getLogs'
          ? { status: 500, body: '' }
          : node.answer(method, params),
    }),
  )
  opened.push(upstream)
  const gateway = await startTestGateway([
    { provider: 'a', name: 'one', url: upstream.url, type: 'archive' },
  ])
  opened.push(gateway)
  await until(async () => {
    const report = await (await fetch(`${gateway.adminUrl}/v1/upstreams`)).json()
    return (report as { chains: { finalBlock: number | null }[] }).chains[0]?.finalBlock === 495
  })
  const asked = () =>
    upstream.requests.flatMap(({ method, params }) => {
      if (method !== 'eth_getLogs') return []
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
      return [[Number(fromBlock), Number(toBlock)]]
    })
  const logs = (from: number, to: number, filter = {}) =>
    gateway.call('eth_getLogs', [{ ...filter, fromBlock: hex(from), toBlock: hex(to) }])
  const truth = (from: number, to: number) =>
    node.answer('eth_getLogs', [{ fromBlock: hex(from), toBlock: hex(to) }])
  return { asked, logs, truth, failing }
}

test('a search is sent only for the parts that nobody has asked for before', async () => {
  const { asked, logs, truth } = await startLogs()
  expect(await logs(0, 249)).toMatchObject(truth(0, 249))
  expect(asked()).toEqual([[0, 249]])
  // From the last aligned part that is not whole yet.
  expect(await logs(100, 349)).toMatchObject(truth(100, 349))
  expect(asked().slice(1)).toEqual([[200, 349]])
  // All of it is known, and a part of a part too.
  expect(await logs(0, 299)).toMatchObject(truth(0, 299))
  expect(await logs(120, 260)).toMatchObject(truth(120, 260))
  expect(asked().length).toBe(2)
  // What is not settled yet is asked for each time.
  for (let again = 0; again < 2; again++) {
    expect(await logs(300, 500)).toMatchObject(truth(300, 500))
  }
  expect(asked().slice(2)).toEqual([
    [300, 500],
    [486, 500],
  ])
  // Another filter is another search.
  await logs(0, 249, { address: `0x${'ab'.repeat(20)}` })
  expect(asked().at(-1)).toEqual([0, 249])
})

test('a search of which a part fails is answered with the error, never with what was known', async () => {
  const { logs, truth, failing } = await startLogs()
  await logs(0, 199)
  failing.isOn = true
  expect((await logs(0, 299)).error).toMatchObject({ data: { failure: 'UPSTREAM_FAILED' } })
  expect(await logs(0, 199)).toMatchObject(truth(0, 199))
  failing.isOn = false
  expect(await logs(0, 299)).toMatchObject(truth(0, 299))
})
