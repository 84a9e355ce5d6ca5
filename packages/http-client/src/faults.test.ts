import { afterEach, describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { type HttpClient, type HttpClientOptions, openHttpClient } from './client.ts'
import {
  lengthResponse,
  type Peer,
  type ReceivedRequest,
  type ScriptedUpstream,
  startScriptedUpstream,
  until,
} from './fixtures/scripted-upstream.ts'

const opened: { client: HttpClient; upstream?: ScriptedUpstream }[] = []
afterEach(() => {
  for (const { client, upstream } of opened.splice(0)) {
    client.close()
    upstream?.stop()
    expect(client.connections).toEqual({ open: 0, idle: 0 })
  }
})

function open(url: URL, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = openHttpClient({
    url,
    headers: {},
    connectionsMax: 4,
    answerBytesMax: 1_000,
    clock: { nowMs: () => performance.now() },
    ...options,
  })
  opened.push({ client })
  return client
}

function scripted(
  onRequest: (peer: Peer, request: ReceivedRequest) => void,
  options: Partial<HttpClientOptions> = {},
): { upstream: ScriptedUpstream; client: HttpClient } {
  const upstream = startScriptedUpstream({ onRequest })
  const client = open(upstream.url, options)
  opened.push({ client, upstream })
  return { upstream, client }
}

const read = { body: '{}', timeoutMs: 2_000, repeatable: true }
const write = { ...read, repeatable: false }
const ok = lengthResponse('1')

describe('unreachable, with nothing sent', () => {
  test('when the connection is refused', async () => {
    const { upstream, client } = scripted(() => {})
    upstream.stop()
    expect(await client.post(read)).toEqual({
      ok: false,
      fault: 'unreachable',
      sent: false,
      detail: 'no connection (ECONNREFUSED)',
    })
  })

  test('when the name does not resolve', async () => {
    const reply = await open(new URL('http://no.such.host.invalid/')).post(read)
    expect(reply).toMatchObject({ fault: 'unreachable', sent: false })
    expect(JSON.stringify(reply)).not.toContain('invalid')
  })

  test('when all connections are busy and as many requests wait', async () => {
    const { client } = scripted(() => {}, { connectionsMax: 2 })
    const running = [1, 2, 3, 4].map(() => client.post({ ...read, timeoutMs: 100 }))
    expect(await client.post(read)).toMatchObject({
      fault: 'unreachable',
      sent: false,
      detail: 'all 2 connections are busy and as many requests wait',
    })
    const faults = (await Promise.all(running)).map(
      (reply) => !reply.ok && [reply.fault, reply.sent],
    )
    expect(faults.slice(0, 2)).toEqual([
      ['timeout', true],
      ['timeout', true],
    ])
    expect(faults.slice(2).every((fault) => fault !== false && fault[0] === 'timeout')).toBe(true)
  })
})

describe('timeout', () => {
  test('when the upstream is silent, and its connection is not used again', async () => {
    const { upstream, client } = scripted((peer, { before }) => {
      if (before > 0) peer.write(ok)
    })
    expect(await client.post({ ...read, timeoutMs: 30 })).toEqual({
      ok: false,
      fault: 'timeout',
      sent: true,
      detail: 'no whole answer in time',
    })
    expect(await client.post(read)).toMatchObject({ ok: true })
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 2])
  })

  test('when the answer stalls or is dripped past the deadline', async () => {
    const { client } = scripted((peer, { body }) => {
      peer.write('HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n')
      const drip = (rest: number) => {
        peer.write('x')
        if (rest > 0) setTimeout(drip, 5, rest - 1)
      }
      if (body === 'drip') drip(100)
    })
    for (const body of ['stall', 'drip']) {
      expect(await client.post({ ...read, body, timeoutMs: 40 })).toMatchObject({
        fault: 'timeout',
      })
    }
  })

  test('while it waits for a free connection, with nothing sent', async () => {
    const { upstream, client } = scripted(() => {}, { connectionsMax: 1 })
    const first = client.post({ ...read, timeoutMs: 150 })
    const second = await client.post({ ...read, timeoutMs: 30 })
    expect(second).toMatchObject({ fault: 'timeout', sent: false })
    await first
    expect(upstream.requests).toHaveLength(1)
  })
})

describe('lost', () => {
  const losses: [string, (peer: Peer) => void][] = [
    ['reset before the answer', (peer) => peer.reset()],
    ['closed before the answer', (peer) => peer.end()],
    [
      'reset amid a body without a length',
      (peer) => {
        peer.write('HTTP/1.1 200 OK\r\n\r\nhalf of')
        setTimeout(peer.reset, 10)
      },
    ],
    [
      'closed amid a body with a length',
      (peer) => {
        peer.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf of')
        peer.end()
      },
    ],
    [
      'closed amid chunks',
      (peer) => {
        peer.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7\r\nhalf of\r\n')
        peer.end()
      },
    ],
    [
      'closed amid the head',
      (peer) => {
        peer.write('HTTP/1.1 200 OK\r\ncontent-')
        peer.end()
      },
    ],
  ]
  test.each(losses)('when the connection is %s, asked once only', async (_name, script) => {
    const { upstream, client } = scripted(script)
    expect(await client.post(read)).toMatchObject({ ok: false, fault: 'lost', sent: true })
    expect(upstream.requests).toHaveLength(1)
  })

  test('when the caller aborts, and the upstream sees its connection close', async () => {
    const { upstream, client } = scripted(() => {})
    const controller = new AbortController()
    const reply = client.post({ ...read, signal: controller.signal })
    await until(() => upstream.requests.length === 1)
    controller.abort()
    expect(await reply).toEqual({ ok: false, fault: 'lost', sent: true, detail: 'aborted' })
    await until(() => upstream.connections.open === 0)
  })

  test('when the caller aborts before anything was sent', async () => {
    const { upstream, client } = scripted(() => {})
    const aborted = { ok: false, fault: 'lost', sent: false, detail: 'aborted' } as const
    expect(await client.post({ ...read, signal: AbortSignal.abort() })).toEqual(aborted)
    const controller = new AbortController()
    const connecting = client.post({ ...read, signal: controller.signal })
    controller.abort()
    expect(await connecting).toEqual(aborted)
    expect(upstream.requests).toHaveLength(0)
  })

  test('when the client is closed, running or waiting', async () => {
    const { upstream, client } = scripted(() => {}, { connectionsMax: 1 })
    const running = client.post(read)
    const waiting = client.post(read)
    await until(() => upstream.requests.length === 1)
    client.close()
    expect(await running).toMatchObject({ fault: 'lost', sent: true })
    expect(await waiting).toMatchObject({ fault: 'lost', sent: false })
    expect(await client.post(read)).toMatchObject({ fault: 'lost', sent: false })
    await until(() => upstream.connections.open === 0)
  })
})

describe('malformed or oversized, and the connection is dropped', () => {
  const zeros = gzipSync(Buffer.alloc(2_000_000))
  const bigBomb = gzipSync(Buffer.alloc(40_000_000))
  const gzipHead = (bytes: number) =>
    `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes}\r\n\r\n`
  const broken: [string, string, Buffer][] = [
    ['no HTTP', 'malformed', Buffer.from('hello')],
    [
      'an unknown encoding',
      'malformed',
      Buffer.from(lengthResponse('x', 'content-encoding: br\r\n')),
    ],
    ['no gzip after all', 'malformed', Buffer.from(`${gzipHead(4)}nope`)],
    [
      'half of a gzip body',
      'malformed',
      Buffer.concat([Buffer.from(gzipHead(20)), gzipSync('half of it').subarray(0, 20)]),
    ],
    ['a long body', 'oversized', Buffer.from(lengthResponse('x'.repeat(1_001)))],
  ]
  test.each(broken)('%s is %s', async (_name, fault, bytes) => {
    const { client } = scripted((peer) => peer.write(bytes))
    expect(await client.post(read)).toMatchObject({ ok: false, fault, sent: true })
  })

  test.each([zeros, bigBomb])(
    'a gzip body that unpacks to over the limit is oversized',
    async (bomb) => {
      const { client } = scripted(
        (peer) => peer.write(Buffer.concat([Buffer.from(gzipHead(bomb.length)), bomb])),
        {
          answerBytesMax: 100_000,
        },
      )
      expect(await client.post(read)).toMatchObject({ ok: false, fault: 'oversized' })
    },
  )

  test('bytes after the answer do not reach the next request', async () => {
    const { upstream, client } = scripted((peer, { before }) =>
      peer.write(before === 0 ? `${ok}${lengthResponse('"stray"')}` : lengthResponse('"own"')),
    )
    expect(await client.post(read)).toMatchObject({ ok: true, text: '1' })
    expect(await client.post(read)).toMatchObject({ ok: true, text: '"own"' })
    expect(upstream.connections.total).toBe(2)
  })

  test('bytes that come when nobody asked close the connection', async () => {
    const { client } = scripted((peer) => {
      peer.write(ok)
      setTimeout(peer.write, 10, 'HTTP/1.1 408 Request Timeout\r\n\r\n')
    })
    expect(await client.post(read)).toMatchObject({ ok: true })
    await until(() => client.connections.open === 0)
  })
})

describe('an upstream that sends more than it was asked for', () => {
  /** One answer, and another a moment later, when the connection may be in use again. */
  const twice = (peer: Peer, { body }: ReceivedRequest) => {
    peer.write(lengthResponse(body))
    setTimeout(peer.write, 1, lengthResponse(body))
  }

  test('is asked once on each of its connections from then on', async () => {
    const { upstream, client } = scripted(twice)
    await client.post({ ...read, body: '0' })
    await until(() => client.connections.open === 0)
    for (const body of ['1', '2', '3', '4']) {
      expect(await client.post({ ...write, body })).toMatchObject({ ok: true, text: body })
      expect(client.connections.open).toBe(0)
    }
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 2, 3, 4, 5])
  })

  test('has its idle connections closed, and those that wait get new ones', async () => {
    const { upstream, client } = scripted(
      (peer, { body, before }) =>
        peer.write(before === 3 ? `${lengthResponse(body)}x` : lengthResponse(body)),
      { connectionsMax: 3 },
    )
    const bodies = ['0', '1', '2']
    await Promise.all(bodies.map((body) => client.post({ ...read, body })))
    expect(client.connections).toEqual({ open: 3, idle: 3 })
    await client.post({ ...read, body: '3' })
    expect(client.connections).toEqual({ open: 0, idle: 0 })
    const more = ['4', '5', '6', '7', '8', '9']
    const replies = await Promise.all(more.map((body) => client.post({ ...write, body })))
    expect(replies.map((reply) => reply.ok && reply.text)).toEqual(more)
    expect(upstream.connections.total).toBe(9)
  })

  test('is not one that says it closes a connection at rest', async () => {
    const { client } = scripted((peer, { before }) => {
      peer.write(ok)
      if (before === 0) setTimeout(peer.write, 5, 'HTTP/1.1 408 Request Timeout\r\n\r\n')
    })
    await client.post(read)
    await until(() => client.connections.open === 0)
    await client.post(read)
    expect(client.connections).toEqual({ open: 1, idle: 1 })
  })

  test('is not heard amid a long request, where the bytes may be of the answer before', async () => {
    const { client } = scripted((peer, { before, body }) => {
      peer.write(lengthResponse(String(body.length)))
      if (before === 0) peer.pause()
      if (before === 0) setTimeout(peer.write, 30, lengthResponse('"stray"'))
    })
    const body = 'x'.repeat(20_000_000)
    await client.post(read)
    expect(await client.post({ ...read, body })).toMatchObject({ ok: true, text: '20000000' })
    const other = scripted((peer, { before }) => {
      peer.write(ok)
      if (before === 0) peer.pause()
      if (before === 0) setTimeout(peer.write, 30, lengthResponse('"stray"'))
    })
    await other.client.post(read)
    const reply = await other.client.post({ ...write, body })
    expect(reply).toMatchObject({ ok: false, fault: 'malformed', sent: true })
  })
})

describe('a kept connection that the upstream closes as it is used again', () => {
  /** Answers the first request of a connection and closes at the second. */
  const closesAtSecond = (peer: Peer, request: ReceivedRequest) => {
    if (request.before === 1) peer.end()
    else peer.write(ok)
  }

  test('is retried once on a fresh one, if the request may be repeated', async () => {
    const { upstream, client } = scripted(closesAtSecond)
    await client.post(read)
    expect(await client.post(read)).toMatchObject({ ok: true, text: '1' })
    expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 1, 2])
  })

  test('is lost and perhaps sent, if the request may not be repeated', async () => {
    const { upstream, client } = scripted(closesAtSecond)
    await client.post(read)
    expect(await client.post(write)).toMatchObject({ ok: false, fault: 'lost', sent: true })
    expect(upstream.requests).toHaveLength(2)
  })

  test('is retried no second time', async () => {
    const { upstream, client } = scripted((peer, { before }) => {
      if (before > 0) peer.reset()
      else peer.write(ok)
    })
    await client.post(read)
    expect(await client.post(read)).toMatchObject({ ok: false, fault: 'lost', sent: true })
    expect(upstream.requests).toHaveLength(3)
  })

  test('is not retried once a byte of an answer came', async () => {
    const { upstream, client } = scripted((peer, { before }) => {
      peer.write(before === 0 ? ok : 'HTTP/1.1 2')
      if (before > 0) peer.end()
    })
    await client.post(read)
    expect(await client.post(read)).toMatchObject({ ok: false, fault: 'lost' })
    expect(upstream.requests).toHaveLength(2)
  })

  test('goes unnoticed when it was closed before, even by a request that may not be repeated', async () => {
    const { upstream, client } = scripted((peer) => {
      peer.write(ok)
      peer.end()
    })
    await client.post(write)
    await until(() => client.connections.open === 0)
    expect(await client.post(write)).toMatchObject({ ok: true })
    expect(upstream.connections.total).toBe(2)
  })
})
