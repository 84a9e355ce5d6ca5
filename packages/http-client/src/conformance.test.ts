import { afterAll, describe, expect, test } from 'bun:test'
import { gzipSync } from 'node:zlib'
import { openHttpClient } from './client.ts'
import {
  lengthResponse,
  type Peer,
  startScriptedUpstream,
  until,
} from './fixtures/scripted-upstream.ts'
import type { HttpReply } from './post.ts'

type Poster = { post(body: string): Promise<HttpReply>; close(): void }

/** What every client must do with a well-behaved upstream; Bun's own is the reference. */
const implementations: [string, (url: URL) => Poster][] = [
  ['the client on raw sockets', openOwn],
  ['the reference on fetch', openReference],
]

const post = { timeoutMs: 5_000, repeatable: true }

function openOwn(url: URL): Poster {
  const client = openHttpClient({
    url,
    headers: {},
    connectionsMax: 8,
    answerBytesMax: 8_000_000,
    clock: { nowMs: () => performance.now() },
  })
  return { post: (body) => client.post({ ...post, body }), close: () => client.close() }
}

function openReference(url: URL): Poster {
  return {
    async post(body) {
      const response = await fetch(url, { method: 'POST', body, redirect: 'manual' })
      const headers = { get: (name: string) => response.headers.get(name) ?? undefined }
      return { ok: true, status: response.status, headers, text: await response.text() }
    },
    close() {},
  }
}

/** The upstream answers a request according to its body, as raw bytes. */
const scripts: Record<string, (peer: Peer) => void | Promise<void>> = {
  length: (peer) =>
    peer.write(lengthResponse('{"result":"0x1"}', 'Content-Type: application/json\r\n')),
  empty: (peer) => peer.write(lengthResponse('')),
  noContent: (peer) => peer.write('HTTP/1.1 204 No Content\r\n\r\n'),
  error: (peer) =>
    peer.write('HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nbusy'),
  redirect: (peer) =>
    peer.write('HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n'),
  interim: (peer) =>
    peer.write(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${lengthResponse('after')}`),
  chunked: (peer) =>
    peer.write(
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n',
    ),
  close: (peer) => {
    peer.write('HTTP/1.1 200 OK\r\n\r\nuntil the end')
    peer.end()
  },
  unicode: (peer) => peer.write(lengthResponse('"é € 😀"')),
  mark: (peer) => peer.write(lengthResponse('\ufeff{"a":1}')),
  notUtf8: (peer) =>
    peer.write(
      Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n'), notUtf8]),
    ),
  gzip: (peer) => peer.write(gzipped('zipped '.repeat(100))),
  gzipLarge: (peer) => peer.write(gzipped(incompressible)),
  gzipChunked: (peer) => {
    const bytes = gzipSync('zipped in chunks')
    peer.write('HTTP/1.1 200 OK\r\ncontent-encoding: GZIP\r\ntransfer-encoding: chunked\r\n\r\n')
    peer.write(`${bytes.length.toString(16)}\r\n`)
    peer.write(bytes)
    peer.write('\r\n0\r\n\r\n')
  },
  large: (peer) => peer.write(lengthResponse('0123456789'.repeat(300_000))),
  async dripped(peer) {
    for (const byte of Buffer.from(lengthResponse('"dripped €"'))) {
      peer.write(Uint8Array.of(byte))
      await Bun.sleep(0)
    }
  },
}

const notUtf8 = Buffer.from([0x22, 0xff, 0x22])
const incompressible = Array.from({ length: 30_000 }, (_, at) =>
  (at * 2_654_435_761).toString(36),
).join()

function gzipped(text: string): Buffer {
  const bytes = gzipSync(text)
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${bytes.length}\r\n\r\n`
  return Buffer.concat([Buffer.from(head), bytes])
}

const upstream = startScriptedUpstream({
  onRequest: (peer, { body }) => (scripts[body] ?? scripts.length)?.(peer),
})
const echo = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (req) => new Response(await req.text()),
})
afterAll(async () => {
  upstream.stop()
  await echo.stop(true)
})

describe.each(implementations)('%s', (_name, open) => {
  const answers: [string, { status: number; text: string }][] = [
    ['length', { status: 200, text: '{"result":"0x1"}' }],
    ['empty', { status: 200, text: '' }],
    ['noContent', { status: 204, text: '' }],
    ['error', { status: 503, text: 'busy' }],
    ['redirect', { status: 302, text: '' }],
    ['interim', { status: 200, text: 'after' }],
    ['chunked', { status: 200, text: 'abcde' }],
    ['close', { status: 200, text: 'until the end' }],
    ['unicode', { status: 200, text: '"é € 😀"' }],
    ['mark', { status: 200, text: '{"a":1}' }],
    ['notUtf8', { status: 200, text: '"\ufffd"' }],
    ['gzip', { status: 200, text: 'zipped '.repeat(100) }],
    ['gzipLarge', { status: 200, text: incompressible }],
    ['gzipChunked', { status: 200, text: 'zipped in chunks' }],
    ['large', { status: 200, text: '0123456789'.repeat(300_000) }],
    ['dripped', { status: 200, text: '"dripped €"' }],
  ]
  test.each(answers)('reads the answer: %s', async (script, expected) => {
    const client = open(upstream.url)
    expect(await client.post(script)).toMatchObject({ ok: true, ...expected })
    client.close()
  })

  test('tells the headers', async () => {
    const client = open(upstream.url)
    const [typed, busy] = [await client.post('length'), await client.post('error')]
    expect(typed.ok && typed.headers.get('content-type')).toBe('application/json')
    expect(typed.ok && typed.headers.get('retry-after')).toBeUndefined()
    expect(busy.ok && busy.headers.get('retry-after')).toBe('7')
    client.close()
  })

  test('keeps the connection from one request to the next', async () => {
    const own = startScriptedUpstream({ onRequest: (peer) => peer.write(lengthResponse('1')) })
    const client = open(own.url)
    for (let round = 0; round < 5; round++) await client.post('x')
    expect(own.connections.total).toBe(1)
    client.close()
    own.stop()
  })

  test('sends bodies of any size and script', async () => {
    const client = open(echo.url)
    for (const body of ['{}', '"é € 😀"', '€'.repeat(1_000_000)]) {
      const reply = await client.post(body)
      expect(reply.ok && reply.text === body).toBe(true)
    }
    client.close()
  })
})

test('the raw client closes what the reference may keep', async () => {
  const client = openOwn(upstream.url)
  await client.post('length')
  client.close()
  await until(() => upstream.connections.open <= 1)
})
