import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import {
  healthy,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/testkit/scripted-upstream'
import fc from 'fast-check'
import { startTestGateway, type TestGateway, testChain, testChainId } from '../gateway.fixtures.ts'

let upstream: ScriptedUpstream
let gateway: TestGateway

beforeAll(async () => {
  upstream = startScriptedUpstream(
    healthy({ chainId: testChainId, head: () => 5_000, rest: () => ({ result: '0x1' }) }),
  )
  gateway = await startTestGateway([{ provider: 'alpha', name: 'one', url: upstream.url }], {
    bodyBytesMax: 10_000,
    keys: [{ name: 'paying', key: 'premium-key-0123456789', tier: 'premium' }],
  })
})

afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await upstream[Symbol.asyncDispose]()
})

const request = (method: string, params: unknown = [], id: unknown = 1) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })

/** Requests of consumers that reached the upstream; the gateway's own probes aside. */
function relayed(): number {
  const probes = ['eth_chainId', 'eth_blockNumber', 'eth_getBlockByNumber']
  return upstream.requests.filter(({ method }) => !probes.includes(method)).length
}

type Refusal = {
  id: unknown
  error: { code: number; message: string; data: { failure: string; traceId: string } }
}

async function refusalOf(response: Response): Promise<Refusal['error'] & { id: unknown }> {
  const { id, error } = (await response.json()) as Refusal
  return { id, ...error }
}

describe('bad input is refused with a documented error and costs no upstream call', () => {
  const cases: [string, string, RequestInit & { path?: string }, number, string][] = [
    ['unparsable JSON', '{"jsonrpc":', {}, 400, 'PARSE_ERROR'],
    ['an empty body', '', {}, 400, 'PARSE_ERROR'],
    ['a batch of zero', '[]', {}, 400, 'INVALID_REQUEST'],
    ['a bare number', '7', {}, 400, 'INVALID_REQUEST'],
    ['a missing id', '{"method":"eth_gasPrice"}', {}, 400, 'INVALID_REQUEST'],
    ['an id of true', request('eth_gasPrice', [], true), {}, 400, 'INVALID_REQUEST'],
    ['an id that is an object', request('eth_gasPrice', [], {}), {}, 400, 'INVALID_REQUEST'],
    ['a method that is no text', '{"id":1,"method":5}', {}, 400, 'INVALID_REQUEST'],
    ['params that are text', request('eth_gasPrice', 'x'), {}, 400, 'INVALID_REQUEST'],
    ['a huge body', request('eth_gasPrice', ['a'.repeat(20_000)]), {}, 413, 'REQUEST_TOO_LARGE'],
    ['a very huge body', 'a'.repeat(3_000_000), {}, 413, 'REQUEST_TOO_LARGE'],
    [
      'a deep body',
      request('eth_call', JSON.parse(`${'['.repeat(40)}${']'.repeat(40)}`)),
      {},
      413,
      'REQUEST_TOO_LARGE',
    ],
    [
      'a batch past the limit',
      `[${Array(11).fill(request('eth_gasPrice')).join()}]`,
      {},
      413,
      'REQUEST_TOO_LARGE',
    ],
    ['an unknown chain', request('eth_gasPrice'), { path: '/dogecoin' }, 404, 'CHAIN_NOT_FOUND'],
    ['no chain', request('eth_gasPrice'), { path: '/' }, 404, 'PATH_NOT_FOUND'],
    [
      'a path that escapes',
      request('eth_gasPrice'),
      { path: '/..%2f..%2fetc/passwd' },
      404,
      'PATH_NOT_FOUND',
    ],
    [
      'a path with too many parts',
      request('eth_gasPrice'),
      { path: '/a1/b1/c1' },
      404,
      'PATH_NOT_FOUND',
    ],
    [
      'an unknown key',
      request('eth_gasPrice'),
      { path: `/${testChain}/nobody-has-this-key` },
      401,
      'UNAUTHENTICATED',
    ],
    [
      'multipart',
      request('eth_gasPrice'),
      { headers: { 'content-type': 'multipart/form-data; boundary=x' } },
      415,
      'MEDIA_TYPE_REFUSED',
    ],
    [
      'a compressed body',
      request('eth_gasPrice'),
      { headers: { 'content-encoding': 'gzip' } },
      415,
      'MEDIA_TYPE_REFUSED',
    ],
    [
      'another HTTP method',
      request('eth_gasPrice'),
      { method: 'PUT' },
      405,
      'HTTP_METHOD_NOT_ALLOWED',
    ],
    ['a method that steers nodes', request('anvil_setBalance', []), {}, 403, 'METHOD_FORBIDDEN'],
    ['a method that uses keys', request('eth_sign', []), {}, 403, 'METHOD_FORBIDDEN'],
    [
      'a premium method without a key',
      request('debug_traceTransaction', ['0x1']),
      {},
      403,
      'METHOD_FORBIDDEN',
    ],
    ['a filter', request('eth_newFilter', [{}]), {}, 200, 'METHOD_NOT_FOUND'],
    [
      'too wide a range',
      request('eth_getLogs', [{ fromBlock: '0x1', toBlock: '0x1000' }]),
      {},
      400,
      'RANGE_TOO_WIDE',
    ],
  ]
  test.each(cases)('%s', async (_name, body, init, status, failure) => {
    const before = relayed()
    const response = await gateway.post(body, init)
    expect(response.status).toBe(status)
    const refusal = await refusalOf(response)
    expect(refusal.data.failure).toBe(failure)
    expect(refusal.message.length).toBeGreaterThan(15)
    expect(refusal.data.traceId).toBe(response.headers.get('x-trace-id') ?? '')
    expect(relayed()).toBe(before)
  })

  test('the refusal carries the id of the request where it has one', async () => {
    const response = await gateway.post(request('eth_sign', [], 'mine'))
    expect((await refusalOf(response)).id).toBe('mine')
  })
})

describe('a request', () => {
  const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', '']
  test.each(types)('of content type %p is served', async (type) => {
    const response = await gateway.post(request('eth_gasPrice'), {
      headers: { 'content-type': type },
    })
    expect(await response.json()).toEqual({ jsonrpc: '2.0', id: 1, result: '0x1' })
  })

  test('is answered with its id, whatever its type', async () => {
    for (const id of [0, -5, 1.5, 'x', '', null]) {
      const response = await gateway.post(request('eth_gasPrice', [], id))
      expect(await response.json()).toEqual({ jsonrpc: '2.0', id, result: '0x1' })
    }
  })

  test('tells its trace id and the budget that is left', async () => {
    const { headers } = await gateway.post(request('eth_gasPrice'))
    expect(headers.get('x-trace-id')).toMatch(/^[0-9a-f]{32}$/)
    expect(Number(headers.get('ratelimit-remaining'))).toBeGreaterThan(0)
    expect(headers.get('access-control-allow-origin')).toBe('*')
  })

  test('of a batch is answered at its place, the bad ones too', async () => {
    const batch = [request('eth_gasPrice', [], 1), '{"id":2}', request('eth_chainId', [], 3)]
    const response = await gateway.post(`[${batch.join()}]`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject([
      { id: 1, result: '0x1' },
      { id: 2, error: { code: -32600 } },
      { id: 3, result: '0x7a69' },
    ])
  })

  test('with a key of the path or a header has the limits of its tier', async () => {
    const premium = 'premium-key-0123456789'
    const inits = [
      { path: `/${testChain}/${premium}` },
      { headers: { authorization: `Bearer ${premium}` } },
      { headers: { 'x-api-key': premium } },
    ]
    for (const init of inits) {
      const response = await gateway.post(request('debug_traceTransaction', ['0x1']), init)
      expect(await response.json()).toMatchObject({ result: '0x1' })
      expect(response.headers.get('ratelimit-limit')).toStartWith('1500')
    }
  })

  test('with only what the gateway knows asks nobody', async () => {
    const before = relayed()
    expect(await gateway.call('eth_chainId')).toMatchObject({ result: '0x7a69' })
    expect(await gateway.call('net_version')).toMatchObject({ result: '31337' })
    expect(await gateway.call('eth_blockNumber')).toMatchObject({ result: '0x1388' })
    expect((await gateway.call('web3_clientVersion')).result).toMatch(/^Mooring\//)
    expect(relayed()).toBe(before)
  })

  test('sent in chunks without a length is read up to the limit', async () => {
    const stream = (text: string) =>
      new ReadableStream({
        start(controller) {
          for (const part of text.match(/[\s\S]{1,700}/g) ?? [])
            controller.enqueue(new TextEncoder().encode(part))
          controller.close()
        },
      })
    const good = await gateway.post('', {
      body: stream(request('eth_gasPrice', ['é'.repeat(2_000)])),
    })
    expect(await good.json()).toMatchObject({ result: '0x1' })
    const huge = await gateway.post('', { body: stream('x'.repeat(30_000)) })
    expect((await refusalOf(huge)).data.failure).toBe('REQUEST_TOO_LARGE')
  })
})

describe('the public surface', () => {
  test('answers a preflight', async () => {
    const response = await gateway.post('', { method: 'OPTIONS' })
    expect(response.status).toBe(204)
    expect(response.headers.get('access-control-allow-methods')).toContain('POST')
  })

  test('shows a page and its state, without upstream addresses', async () => {
    const page = await fetch(`${gateway.url}/`)
    expect(page.headers.get('content-type')).toContain('text/html')
    const status = await (await fetch(`${gateway.url}/status`)).text()
    expect(JSON.parse(status)).toMatchObject({ chains: [{ chain: testChain, ready: true }] })
    expect(status).not.toContain(upstream.url)
  })

  test('does not serve what operators read', async () => {
    for (const path of ['/metrics', '/v1/upstreams', '/v1/config', '/health']) {
      expect((await fetch(gateway.url + path)).status).not.toBe(200)
    }
  })

  test('says how to send JSON-RPC to whoever opens an endpoint in a browser', async () => {
    const response = await fetch(`${gateway.url}/${testChain}`)
    expect(response.status).toBe(405)
    expect((await refusalOf(response)).message).toContain('POST')
  })
})

describe('raw bytes at the HTTP edge', () => {
  /** Sends bytes on a connection of their own and returns what comes back. */
  async function exchange(bytes: Uint8Array | string): Promise<string> {
    let text = ''
    const done = Promise.withResolvers<void>()
    const socket = await Bun.connect({
      hostname: '127.0.0.1',
      port: Number(new URL(gateway.url).port),
      socket: {
        data(_socket, chunk) {
          text += chunk.toString('latin1')
          // One answer is enough: what follows a refusal is a closed connection.
          if (text.includes('\r\n\r\n')) done.resolve()
        },
        close: () => done.resolve(),
        error: () => done.resolve(),
      },
    })
    socket.write(bytes)
    const timer = setTimeout(done.resolve, 150)
    await done.promise
    clearTimeout(timer)
    socket.terminate()
    return text
  }

  const post = (headers: string, body: string) =>
    `POST /${testChain} HTTP/1.1\r\n${headers}\r\n\r\n${body}`
  const body = request('eth_getBalance', ['0x1', '0x2'])
  const length = `Content-Length: ${body.length}`
  const vectors: [string, string][] = [
    ['two lengths', post(`Host: a\r\n${length}\r\nContent-Length: 3`, body)],
    ['one length twice', post(`Host: a\r\n${length}\r\n${length}`, body)],
    ['a length and chunks', post(`Host: a\r\n${length}\r\nTransfer-Encoding: chunked`, body)],
    ['two hosts', post(`Host: a\r\nHost: b\r\n${length}`, body)],
    ['a host with spaces', post(`Host: a b\r\n${length}`, body)],
    ['a host with a path', post(`Host: a/b\r\n${length}`, body)],
    ['no host', post(length, body)],
    ['a broken chunk', post('Host: a\r\nTransfer-Encoding: chunked', 'zz\r\nabc\r\n0\r\n\r\n')],
    ['an unknown transfer coding', post('Host: a\r\nTransfer-Encoding: bogus', body)],
    ['CONNECT', 'CONNECT evil:443 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['TRACE', 'TRACE / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ]
  test.each(vectors)('%s is refused and reaches no upstream', async (_name, bytes) => {
    const before = relayed()
    const answer = await exchange(bytes)
    if (answer !== '') expect(answer).toMatch(/^HTTP\/1\.1 (4\d\d|501|505)/)
    expect(relayed()).toBe(before)
    expect(await gateway.call('eth_chainId')).toMatchObject({ result: '0x7a69' })
  })

  test('of any kind leave the gateway alive and cost no upstream call', async () => {
    const before = relayed()
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc
            .string({ maxLength: 200 })
            .map((text) =>
              Buffer.from(post(`Host: a\r\nContent-Length: ${Buffer.byteLength(text)}`, text)),
            ),
          fc
            .tuple(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }))
            .map(([path, header]) =>
              Buffer.from(
                `POST /${path} HTTP/1.1\r\nHost: a\r\n${header}: 1\r\nContent-Length: 2\r\n\r\n{}`,
              ),
            ),
        ),
        async (bytes) => {
          await exchange(bytes)
        },
      ),
      { numRuns: 150 },
    )
    expect(await gateway.call('eth_chainId')).toMatchObject({ result: '0x7a69' })
    expect(relayed()).toBe(before)
  })
})
