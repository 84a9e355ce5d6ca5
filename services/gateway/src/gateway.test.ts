import { afterEach, describe, expect, test } from 'bun:test'
import type { ReloadReport } from '@mooring/protocol/reports/reload'
import {
  healthy,
  type ScriptedReply,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import { keccak256 } from 'viem'
import {
  type RpcAnswerBody,
  startTestGateway,
  type TestGateway,
  testChain,
  testChainId,
  until,
} from './gateway.fixtures.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

function upstreamAt(head: () => number, chainId = testChainId): ScriptedUpstream {
  const upstream = startScriptedUpstream(
    healthy({
      chainId,
      head,
      rest: ({ method }) => ({
        result:
          method === 'eth_getTransactionReceipt'
            ? { blockNumber: `0x${head().toString(16)}` }
            : '0x1',
      }),
    }),
  )
  opened.push(upstream)
  return upstream
}

async function gatewayOver(
  upstreams: readonly ScriptedUpstream[],
  settings: Record<string, unknown> = {},
  options: Parameters<typeof startTestGateway>[2] = {},
): Promise<TestGateway> {
  const providers = ['alpha', 'bravo', 'charlie', 'delta']
  const gateway = await startTestGateway(
    upstreams.map(({ url }, at) => ({ provider: providers[at % 4] ?? '', name: `n${at}`, url })),
    settings,
    options,
  )
  opened.push(gateway)
  return gateway
}

const reading = (gateway: TestGateway, at: number) =>
  gateway.call('eth_getBalance', [`0x${at.toString(16)}`, 'latest'])

const balancesOf = ({ requests }: ScriptedUpstream) =>
  requests.filter(({ method }) => method === 'eth_getBalance').length

describe('an upstream', () => {
  test('of another chain gets no traffic, and the report says so', async () => {
    const right = upstreamAt(() => 100)
    const wrong = upstreamAt(() => 100, 999)
    const gateway = await gatewayOver([right, wrong], {}, { readyUpstreams: 1 })
    for (let at = 0; at < 30; at++) await reading(gateway, at)
    expect(balancesOf(wrong)).toBe(0)
    const report = (await gateway.upstreams()).find(({ provider }) => provider === 'bravo')
    expect(report?.gates).toMatchObject([
      { gate: 'CHAIN_ID', reason: expect.stringContaining('another chain') },
    ])
  })

  test('far behind gets no traffic, and comes back when it has caught up', async () => {
    let lagging = 50
    const fresh = [upstreamAt(() => 100), upstreamAt(() => 100)]
    const late = upstreamAt(() => lagging)
    const gateway = await gatewayOver([...fresh, late], {}, { readyUpstreams: 2 })
    for (let at = 0; at < 30; at++) await reading(gateway, at)
    expect(balancesOf(late)).toBe(0)
    expect((await gateway.upstreams())[2]?.gates).toMatchObject([{ gate: 'LAG' }])
    lagging = 100
    await until(async () => (await gateway.upstreams())[2]?.score === 10)
  })

  test('that lies about the head cannot take the others out', async () => {
    const honest = [upstreamAt(() => 100), upstreamAt(() => 100)]
    const liar = upstreamAt(() => 9_000_000)
    const gateway = await gatewayOver([...honest, liar], {}, { readyUpstreams: 2 })
    expect(await gateway.call('eth_blockNumber')).toMatchObject({ result: '0x64' })
    const [first, second, third] = await gateway.upstreams()
    expect([first?.score, second?.score]).toEqual([10, 10])
    expect(third?.gates).toMatchObject([{ gate: 'AHEAD' }])
  })

  test('that stops answering is gated within two poll intervals', async () => {
    const stays = upstreamAt(() => 100)
    const goes = upstreamAt(() => 100)
    const gateway = await gatewayOver([stays, goes], {}, { pollIntervalMs: 400 })
    goes.follow(() => 'stall')
    const fromMs = performance.now()
    await until(async () => (await gateway.upstreams())[1]?.gates[0]?.gate === 'SILENT')
    // A wave that had just begun still counts to the interval before.
    expect(performance.now() - fromMs).toBeLessThan(2 * 400 + 150)
  })

  test('far away is served all the same, though its answers take longer than a poll may', async () => {
    const slow = startScriptedUpstream(async (request) => {
      await Bun.sleep(250)
      return await healthy({
        chainId: testChainId,
        head: () => 100,
        rest: () => ({ result: '0x1' }),
      })(request)
    })
    opened.push(slow)
    const gateway = await gatewayOver([slow], {}, { pollIntervalMs: 100 })
    for (let at = 0; at < 5; at++) {
      expect((await reading(gateway, at)).result).toBe('0x1')
      await Bun.sleep(100)
    }
  })

  test('that asks for a pause when polled is not silent', async () => {
    const upstream = upstreamAt(() => 100)
    const gateway = await gatewayOver([upstream])
    upstream.follow(({ method }) =>
      method === 'eth_blockNumber' ? { status: 429, body: 'slow down' } : { result: '0x1' },
    )
    await Bun.sleep(500)
    expect((await reading(gateway, 1)).result).toBe('0x1')
    expect((await gateway.upstreams())[0]?.gates).toEqual([])
  })

  test('can be taken out and let back in by an operator', async () => {
    const gateway = await gatewayOver([upstreamAt(() => 100), upstreamAt(() => 100)])
    const post = (verb: string) =>
      fetch(`${gateway.adminUrl}/v1/upstreams/${testChain}/alpha/n0/${verb}`, { method: 'POST' })
    expect(await (await post('cordon')).json()).toMatchObject({ gates: [{ gate: 'CORDONED' }] })
    expect((await gateway.upstreams())[0]?.score).toBe(0)
    expect(await (await post('uncordon')).json()).toMatchObject({ gates: [] })
    expect((await post('promote')).status).toBe(404)
    const page = await fetch(`${gateway.adminUrl}/v1/upstreams/${testChain}/alpha/n0/cordon`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    })
    expect(page.status).toBe(403)
  })
})

describe('an upstream that means harm', () => {
  test('cannot end the gateway with an answer, in a poll or in a relay', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    const honest = upstreamAt(() => 100)
    const evil = upstreamAt(() => 100)
    const gateway = await gatewayOver([honest, evil])
    const bombs = [
      `{"id":1,"error":{"code":-1,"message":${deep}}}`,
      `{"id":1,"result":${deep}}`,
      '{"id":1,"result":{"number":{"__proto__":null}}}',
      '{"id":1,"error":{"code":1e999,"message":null,"data":{"a":1}}}',
      `{"id":1,"result":"0x${'f'.repeat(100_000)}"}`,
    ]
    for (const body of bombs) {
      evil.follow(() => ({ status: 200, body }))
      await Bun.sleep(150)
      const answers = await Promise.all(Array.from({ length: 10 }, (_, at) => reading(gateway, at)))
      for (const { error } of answers) expect(error).toBeUndefined()
    }
    expect((await gateway.upstreams())[0]?.score).toBe(10)
  })

  test('that claims to be a little ahead moves no head, and breaks nothing that is asked of it', async () => {
    const honest = [upstreamAt(() => 100), upstreamAt(() => 100), upstreamAt(() => 100)]
    // It shows blocks that nobody else has, and does not have them itself.
    const ahead = startScriptedUpstream(
      healthy({
        chainId: testChainId,
        head: () => 102,
        rest: ({ method, params }) => {
          if (method === 'eth_getTransactionReceipt') return { result: { blockNumber: '0x66' } }
          if (method !== 'eth_getBlockByNumber') return { result: '0x1' }
          return { result: params[0] === '0x64' ? { number: '0x64' } : null }
        },
      }),
    )
    opened.push(ahead)
    for (const upstream of honest) {
      upstream.follow(
        healthy({
          chainId: testChainId,
          head: () => 100,
          rest: ({ method, params }) => {
            if (method === 'eth_getTransactionReceipt') return { result: { blockNumber: '0x5' } }
            if (method !== 'eth_getBlockByNumber') return { result: '0x1' }
            return { result: params[0] === '0x64' ? { number: '0x64' } : null }
          },
        }),
      )
    }
    const gateway = await gatewayOver([...honest, ahead])
    for (let at = 0; at < 20; at++) {
      await gateway.call('eth_getTransactionReceipt', [`0x${at}`])
      const { result } = await gateway.call('eth_getBlockByNumber', ['latest', true])
      expect(result).toEqual({ number: '0x64' })
    }
    expect((await gateway.upstreams()).map(({ score }) => score)).toEqual([10, 10, 10, 10])
    const report = await (await fetch(`${gateway.adminUrl}/v1/upstreams`)).json()
    expect(report).toMatchObject({ chains: [{ headBlock: 100 }] })
  }, 30_000)

  test('cannot name the head by being the first to answer', async () => {
    const slow = (head: number) => {
      const upstream = startScriptedUpstream(async (request) => {
        await Bun.sleep(20)
        return await healthy({
          chainId: testChainId,
          head: () => head,
          rest: () => ({ result: '0x1' }),
        })(request)
      })
      opened.push(upstream)
      return upstream
    }
    const liar = upstreamAt(() => 9_000_000)
    const gateway = await gatewayOver(
      [liar, slow(100), slow(100), slow(100)],
      {},
      { readyUpstreams: 3 },
    )
    expect(await gateway.call('eth_blockNumber')).toMatchObject({ result: '0x64' })
    await until(async () => (await gateway.upstreams())[0]?.score === 0)
  })
})

describe('nine equal upstreams of three providers', () => {
  test('end within a share of 1.3 of each other', async () => {
    const nine = Array.from({ length: 9 }, () => upstreamAt(() => 100))
    const gateway = await startTestGateway(
      nine.map(({ url }, at) => ({ provider: ['a', 'b', 'c'][at % 3] ?? '', name: `n${at}`, url })),
    )
    opened.push(gateway)
    for (let round = 0; round < 150; round++) {
      await Promise.all(Array.from({ length: 60 }, (_, at) => reading(gateway, round * 60 + at)))
    }
    const counts = nine.map(balancesOf)
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.3)
  })
})

describe('the head a consumer sees', () => {
  test('never steps back, whichever upstream answers', async () => {
    let head = 100
    const leading = upstreamAt(() => head)
    const following = upstreamAt(() => head)
    const trailing = upstreamAt(() => head - 1)
    const gateway = await gatewayOver([leading, following, trailing])
    let seen = 0
    for (let at = 0; at < 60; at++) {
      if (at % 7 === 0) head += 1
      if (at % 20 === 19) head -= 1
      const { result } = await gateway.call('eth_blockNumber')
      expect(Number(result)).toBeGreaterThanOrEqual(seen)
      seen = Number(result)
      await Bun.sleep(8)
    }
    expect(seen).toBeGreaterThan(100)
  })

  test('is a block its upstreams have: the latest block is asked by number', async () => {
    const upstream = upstreamAt(() => 100)
    const gateway = await gatewayOver([upstream])
    await gateway.call('eth_getBlockByNumber', ['latest', true])
    // With its transactions: the gateway itself asks for headers only.
    const asked = upstream.requests.filter(
      ({ method, params }) =>
        method === 'eth_getBlockByNumber' && params[0] === '0x64' && params[1] === true,
    )
    expect(asked.length).toBe(1)
  })
})

describe('what a consumer has seen', () => {
  /** A node that knows of blocks up to its head, and answers state reads with the block they are read at. */
  const nodeAt = (head: () => number) => {
    const hex = (number: number) => `0x${number.toString(16)}`
    const missing = { error: { code: -32000, message: 'header not found' } }
    const upstream = startScriptedUpstream(
      healthy({
        chainId: testChainId,
        head,
        rest: ({ method, params }) => {
          const blockOf = (given: unknown) => (given === 'latest' ? head() : Number(given))
          switch (method) {
            case 'eth_getTransactionReceipt':
              return { result: head() >= 101 ? { blockNumber: hex(101) } : null }
            case 'eth_getLogs': {
              const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
              const isThere = Number(fromBlock) <= 101 && Math.min(blockOf(toBlock), head()) >= 101
              return { result: isThere ? [{ blockNumber: hex(101) }] : [] }
            }
            case 'eth_getBlockByNumber':
              return { result: blockOf(params[0]) > head() ? null : { number: params[0] } }
            default:
              return blockOf(params[1]) > head() ? missing : { result: hex(blockOf(params[1])) }
          }
        },
      }),
    )
    opened.push(upstream)
    return upstream
  }
  const numbered = async (gateway: TestGateway, method: string, ...params: unknown[]) =>
    Number((await gateway.call(method, params)).result)

  test('in a receipt is there in all that follows, though one node alone has the block yet', async () => {
    const nodes = [nodeAt(() => 100), nodeAt(() => 101), nodeAt(() => 100), nodeAt(() => 100)]
    const gateway = await gatewayOver(nodes, {}, { pollIntervalMs: 1_000 })
    // A null is asked elsewhere, of two more at most.
    while ((await gateway.call('eth_getTransactionReceipt', ['0xaa'])).result === null);
    for (let at = 0; at < 20; at++) {
      expect(await numbered(gateway, 'eth_getBalance', `0x${at}`, 'latest')).toBe(101)
      expect(await numbered(gateway, 'eth_call', { to: `0x${at}` })).toBe(101)
      const logs = await gateway.call('eth_getLogs', [{ fromBlock: '0x65', toBlock: 'latest' }])
      expect(logs.result).toEqual([{ blockNumber: '0x65' }])
    }
  })

  test('does not become unseen when the nodes that had it are gone', async () => {
    const fresh = [nodeAt(() => 120), nodeAt(() => 120)]
    const behind = [nodeAt(() => 115), nodeAt(() => 115)]
    const otherKey = 'another-caller-0123456789'
    const keys = [{ name: 'other', key: otherKey, tier: 'premium' }]
    const gateway = await gatewayOver([...fresh, ...behind], { keys })
    expect(await numbered(gateway, 'eth_blockNumber')).toBe(120)
    for (const node of fresh) await node[Symbol.asyncDispose]()
    await until(async () => (await gateway.upstreams())[1]?.score === 0)
    const { error } = await gateway.call('eth_getBalance', ['0x1', 'latest'])
    expect(error).toMatchObject({
      code: -32056,
      data: { failure: 'UPSTREAM_BEHIND', headBlock: 120 },
      message: expect.stringContaining('block 120, which you have seen'),
    })
    expect(await numbered(gateway, 'eth_blockNumber')).toBe(120)
    // Who has seen nothing yet is served from what there is.
    const body = '{"id":1,"method":"eth_getBalance","params":["0x1","latest"]}'
    const other = await gateway.post(body, { headers: { 'x-api-key': otherKey } })
    expect(await other.json()).toMatchObject({ result: '0x73' })
  }, 20_000)

  test('of its own nonces stays, though the node that took its transaction lags', async () => {
    const raw =
      '0x02f86c0180843b9aca00843b9aca0082520894000000000000000000000000000000000000dead80c0'
    const lagging = nodeAt(() => 99)
    const fresh = [nodeAt(() => 100), nodeAt(() => 100)]
    const gateway = await gatewayOver([lagging, ...fresh])
    const follow = (node: ScriptedUpstream, head: number, answer: ScriptedReply) =>
      node.follow(
        healthy({
          chainId: testChainId,
          head: () => head,
          rest: ({ method, params }) => {
            if (method === 'eth_sendRawTransaction') return answer
            if (method !== 'eth_getTransactionCount') return { result: null }
            return { result: `0x${(params[1] === 'pending' ? head + 1 : head).toString(16)}` }
          },
        }),
      )
    for (const node of fresh) follow(node, 100, { status: 502, body: '' })
    follow(lagging, 99, { result: keccak256(raw) })
    expect((await gateway.call('eth_sendRawTransaction', [raw])).error).toBeUndefined()
    for (let at = 0; at < 20; at++) {
      const address = `0x${at.toString(16).padStart(40, '0')}`
      expect(await numbered(gateway, 'eth_getTransactionCount', address, 'latest')).toBe(100)
      // What waits is asked of the node that has it.
      expect(await numbered(gateway, 'eth_getTransactionCount', address, 'pending')).toBe(100)
    }
  })
})

describe('rate limits', () => {
  test('refuse with the limit, its value and when to come back', async () => {
    const tiers = { community: { requestsPerSecond: 5, burstRequests: 5, batchMax: 5 } }
    const gateway = await gatewayOver([upstreamAt(() => 100)], { tiers })
    for (let at = 0; at < 5; at++) expect((await reading(gateway, at)).error).toBeUndefined()
    const response = await gateway.post(
      '{"jsonrpc":"2.0","id":4,"method":"eth_chainId","params":[]}',
    )
    expect(response.status).toBe(429)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await response.json()).toMatchObject({
      error: {
        code: -32090,
        data: { failure: 'RATE_LIMITED', limit: 'requestsPerSecond', value: 5 },
      },
    })
  })

  test('are spent by bodies past the size limit, whether their length is announced or not', async () => {
    const tiers = { community: { requestsPerSecond: 1, burstRequests: 3, batchMax: 3 } }
    const gateway = await gatewayOver([upstreamAt(() => 100)], { tiers, bodyBytesMax: 2_000 })
    const long = 'x'.repeat(3_000)
    const stream = () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode(long))
          controller.close()
        },
      })
    expect((await gateway.post(long)).status).toBe(413)
    expect((await gateway.post('', { body: stream() })).status).toBe(413)
    expect((await gateway.post(long)).status).toBe(413)
    expect((await gateway.post('{"id":1,"method":"eth_chainId"}')).status).toBe(429)
  })

  test('count every member of a batch, and every try at a key', async () => {
    const tiers = { community: { requestsPerSecond: 1, burstRequests: 3, batchMax: 3 } }
    const gateway = await gatewayOver([upstreamAt(() => 100)], { tiers })
    const one = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"eth_chainId","params":[]}`
    expect((await gateway.post(`[${one(1)},${one(2)}]`)).status).toBe(200)
    expect((await gateway.post(one(1), { path: `/${testChain}/guessed-key-1` })).status).toBe(401)
    expect((await gateway.post(one(1), { path: `/${testChain}/guessed-key-2` })).status).toBe(429)
  })
})

describe('requests unanswered at once', () => {
  test('are limited for each caller, so that none can hold every slot of the upstreams', async () => {
    const upstream = upstreamAt(() => 100)
    const limits = { requestsPerSecond: 1_000, burstRequests: 1_000, inFlightMax: 5, batchMax: 5 }
    const gateway = await gatewayOver([upstream], {
      tiers: { community: limits },
      keys: [{ name: 'other', key: 'other-key-0123456789', tier: 'premium' }],
    })
    upstream.follow(
      healthy({
        chainId: testChainId,
        head: () => 100,
        rest: async () => {
          await Bun.sleep(300)
          return { result: '0x1' }
        },
      }),
    )
    const answers = await Promise.all(Array.from({ length: 8 }, (_, at) => reading(gateway, at)))
    const refused = answers.filter(({ error }) => error !== undefined)
    expect(refused.length).toBe(3)
    expect(refused[0]?.error).toMatchObject({
      code: -32090,
      data: { limit: 'inFlightMax', value: 5, retryAfterMs: 1_000 },
    })
    expect((await reading(gateway, 9)).result).toBe('0x1')
  })
})

describe('a gateway with nearly all the work it can take', () => {
  test('refuses the lowest tiers first', async () => {
    const upstream = upstreamAt(() => 100)
    const keyOf = (tier: string) => ({ name: tier, key: `${tier}-key-0123456789`, tier })
    const gateway = await gatewayOver([upstream], {
      inFlightMax: 20,
      keys: ['premium', 'enterprise'].map(keyOf),
    })
    const held = Promise.withResolvers<void>()
    const rest = () => held.promise.then(() => ({ result: '0x1' }))
    upstream.follow(healthy({ chainId: testChainId, head: () => 100, rest }))
    const send = async (tier: string, at: number) => {
      const path = tier === 'community' ? `/${testChain}` : `/${testChain}/${tier}-key-0123456789`
      const params = [`0x${at.toString(16).padStart(64, '0')}`]
      const body = JSON.stringify({ id: 1, method: 'eth_getRawTransactionByHash', params })
      return (await gateway.post(body, { path })).status
    }
    const waiting: Promise<number>[] = []
    const fill = async (tier: string, count: number) => {
      for (let at = 0; at < count; at++) waiting.push(send(tier, waiting.length))
      await until(() => waitingAt(upstream) >= waiting.length)
    }
    await fill('community', 16)
    expect(await send('community', 90)).toBe(503)
    await fill('premium', 3)
    expect(await send('premium', 91)).toBe(503)
    await fill('enterprise', 1)
    expect(await send('enterprise', 92)).toBe(503)
    held.resolve()
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([200]))
  })

  const waitingAt = ({ requests }: ScriptedUpstream) =>
    new Set(
      requests
        .filter(({ method }) => method === 'eth_getRawTransactionByHash')
        .map(({ params }) => params[0]),
    ).size
})

describe('bodies that do not arrive', () => {
  test('count as unanswered requests of their caller until their connections are gone', async () => {
    const tiers = {
      community: { requestsPerSecond: 100, burstRequests: 100, inFlightMax: 3, batchMax: 3 },
    }
    const gateway = await gatewayOver([upstreamAt(() => 100)], { tiers })
    const { hostname, port } = new URL(gateway.url)
    const head = `POST /${testChain} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`
    const open = () =>
      Bun.connect({
        hostname,
        port: Number(port),
        socket: { data() {}, open: (s) => void s.write(head) },
      })
    const slow = await Promise.all([open(), open(), open()])
    await until(async () => (await gateway.call('eth_chainId')).error !== undefined)
    const refused = await gateway.post('{"id":1,"method":"eth_chainId"}')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    for (const socket of slow) socket.terminate()
    await until(async () => (await gateway.call('eth_chainId')).result === '0x7a69')
  })
})

describe('the admin port', () => {
  test('is ready while a chain has an upstream fit to serve', async () => {
    const upstream = upstreamAt(() => 100)
    const gateway = await gatewayOver([upstream])
    const ready = async () => (await fetch(`${gateway.adminUrl}/ready`)).status
    expect(await ready()).toBe(200)
    upstream.follow(() => 'stall')
    await until(async () => (await ready()) === 503)
    expect((await fetch(`${gateway.adminUrl}/health`)).status).toBe(200)
    const response = await gateway.post('{"id":1,"method":"eth_blockNumber"}')
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '2'])
    expect(await response.json()).toMatchObject({ error: { code: -32055 } })
    expect((await reading(gateway, 1)).error).toMatchObject({ data: { failure: 'NO_UPSTREAM' } })
  })

  test('says what it has to whoever asks for something else', async () => {
    const gateway = await gatewayOver([upstreamAt(() => 100)])
    for (const method of ['GET', 'POST']) {
      const response = await fetch(`${gateway.adminUrl}/nothing`, { method })
      expect(response.status).toBe(404)
      expect(await response.text()).toContain('/v1/upstreams')
    }
    const wrongPort = await fetch(`${gateway.url}/metrics`)
    expect(wrongPort.status).toBe(404)
    expect(await wrongPort.text()).toContain('admin port')
  })

  test('answers health checks of a proxy, which send no Host', async () => {
    const gateway = await gatewayOver([upstreamAt(() => 100)])
    let text = ''
    const closed = Promise.withResolvers<void>()
    await Bun.connect({
      hostname: '127.0.0.1',
      port: Number(new URL(gateway.adminUrl).port),
      socket: {
        open: (socket) => void socket.write('GET /ready HTTP/1.0\r\n\r\n'),
        data: (_socket, chunk) => {
          text += chunk.toString()
        },
        close: () => closed.resolve(),
      },
    })
    await closed.promise
    expect(text).toStartWith('HTTP/1.1 200')
  })

  test('shows metrics and the configuration without its secrets', async () => {
    const keys = [{ name: 'a', key: 'very-secret-key-12345', tier: 'premium' }]
    const gateway = await gatewayOver([upstreamAt(() => 100)], { keys })
    await reading(gateway, 1)
    const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text()
    expect(metrics).toContain(
      'mooring_gateway_relays_total{chain="local_one",upstream="alpha/n0",result="ok"}',
    )
    expect(metrics).toMatch(/\nmooring_gateway_store_bytes \d+\n/)
    const config = await (await fetch(`${gateway.adminUrl}/v1/config`)).text()
    expect(config).not.toContain('very-secret-key')
  })
})

describe('a reload', () => {
  const listOf = (upstreams: readonly ScriptedUpstream[]) =>
    upstreams.map(({ url }, at) => ({ provider: `p${at}`, name: 'one', url }))
  const reload = async (gateway: TestGateway, query = '') => {
    const response = await fetch(`${gateway.adminUrl}/v1/config/reload${query}`, { method: 'POST' })
    return (await response.json()) as ReloadReport
  }

  test('under 500 requests per second loses none, and the new upstreams serve', async () => {
    const all = [upstreamAt(() => 100), upstreamAt(() => 100), upstreamAt(() => 100)]
    let next = listOf(all.slice(0, 2))
    const gateway = await startTestGateway(
      next,
      {},
      {
        reloadTo: () => ({ chains: { [testChain]: { pollIntervalMs: 100, upstreams: next } } }),
      },
    )
    opened.push(gateway)
    const answers: Promise<RpcAnswerBody>[] = []
    const startMs = performance.now()
    for (let at = 0; at < 1_000; at++) {
      const waitMs = startMs + at * 2 - performance.now()
      if (waitMs > 1) await Bun.sleep(waitMs)
      answers.push(reading(gateway, at))
      if (at === 300) next = listOf(all).slice(1)
      if (at === 600) next = listOf(all)
      if (at === 300 || at === 600) void gateway.reload()
    }
    const failed = (await Promise.all(answers)).filter(({ error }) => error !== undefined)
    expect(failed).toEqual([])
    expect((await gateway.upstreams()).map(({ id }) => id)).toEqual(['p0/one', 'p1/one', 'p2/one'])
    for (const upstream of all) expect(balancesOf(upstream)).toBeGreaterThan(50)
  })

  test('keeps what it knows of upstreams that stay, and the head', async () => {
    const stays = upstreamAt(() => 100)
    const goes = upstreamAt(() => 100)
    let next = listOf([stays, goes])
    const gateway = await startTestGateway(
      next,
      {},
      {
        reloadTo: () => ({ chains: { [testChain]: { pollIntervalMs: 100, upstreams: next } } }),
      },
    )
    opened.push(gateway)
    for (let at = 0; at < 40; at++) await reading(gateway, at)
    const before = (await gateway.upstreams())[0]?.relays
    next = listOf([stays])
    const dry = await reload(gateway, '?dryRun=1')
    expect(dry).toMatchObject({
      applied: false,
      problems: [],
      changes: [{ what: `chains.${testChain}.p1/one`, change: 'removed', needsRestart: false }],
    })
    expect(dry.chains[0]?.movedPercent).toBeGreaterThan(20)
    expect((await gateway.upstreams()).length).toBe(2)
    // What is no dry run as it is spelled changes nothing either.
    for (const query of ['?dryrun=1', '?dryRun', '?dryRun=yes', '?dry_run=1']) {
      const response = await fetch(`${gateway.adminUrl}/v1/config/reload${query}`, {
        method: 'POST',
      })
      expect(response.status).toBe(400)
    }
    expect((await gateway.upstreams()).length).toBe(2)
    expect((await reload(gateway)).applied).toBe(true)
    expect((await reload(gateway, '?dryRun=1')).chains).toMatchObject([{ movedPercent: 0 }])
    expect(await gateway.upstreams()).toMatchObject([
      { id: 'p0/one', relays: before, headBlock: 100 },
    ])
    expect(await gateway.call('eth_blockNumber')).toMatchObject({ result: '0x64' })
  })

  test('of a file with a problem, or with a chain that nobody could serve, changes nothing', async () => {
    const upstream = upstreamAt(() => 100)
    const other = upstreamAt(() => 100, 999)
    const bad = [
      { chains: { [testChain]: { upstreams: [] } } },
      { chains: { [testChain]: { pollIntervalMs: 100, upstreams: listOf([other]) } } },
    ]
    let next: Record<string, unknown> = {}
    const gateway = await startTestGateway(listOf([upstream]), {}, { reloadTo: () => next })
    opened.push(gateway)
    for (next of bad) {
      const report = await reload(gateway)
      expect(report).toMatchObject({
        applied: false,
        problems: [{ path: expect.stringContaining(testChain) }],
      })
      expect((await reading(gateway, 1)).result).toBe('0x1')
    }
  })

  test('of the limit on answers reaches the upstreams that stay', async () => {
    const upstream = upstreamAt(() => 100)
    upstream.follow(
      healthy({
        chainId: testChainId,
        head: () => 100,
        rest: () => ({ result: `0x${'ab'.repeat(2_000)}` }),
      }),
    )
    const gateway = await startTestGateway(
      listOf([upstream]),
      {},
      { reloadTo: () => ({ answerBytesMax: 1_000 }) },
    )
    opened.push(gateway)
    const code = () => gateway.call('eth_getCode', ['0x1', 'latest'])
    expect((await code()).error).toBeUndefined()
    expect(await reload(gateway)).toMatchObject({
      applied: true,
      changes: [{ what: 'answerBytesMax' }],
    })
    expect((await code()).error).toBeDefined()
  })

  test('gives keys, limits and tiers their new meaning at once', async () => {
    const upstream = upstreamAt(() => 100)
    const key = 'late-key-0123456789'
    const gateway = await startTestGateway(
      listOf([upstream]),
      {},
      {
        reloadTo: () => ({ keys: [{ name: 'late', key, tier: 'premium' }] }),
      },
    )
    opened.push(gateway)
    const withKey = () =>
      gateway.post('{"id":1,"method":"eth_chainId"}', { headers: { 'x-api-key': key } })
    expect((await withKey()).status).toBe(401)
    expect(await reload(gateway)).toMatchObject({ applied: true, changes: [{ what: 'keys.late' }] })
    expect((await withKey()).status).toBe(200)
  })
})

describe('a stop', () => {
  test('lets running requests finish and takes no new ones', async () => {
    const upstream = upstreamAt(() => 100)
    const gateway = await gatewayOver([upstream])
    upstream.follow(async () => {
      await Bun.sleep(200)
      return { result: '0x77' }
    })
    const running = reading(gateway, 1)
    await Bun.sleep(50)
    const stopping = gateway.stop()
    expect(await running).toMatchObject({ result: '0x77' })
    expect(await stopping).toEqual({ unfinished: 0 })
    await expect(reading(gateway, 2)).rejects.toThrow()
  })
})
