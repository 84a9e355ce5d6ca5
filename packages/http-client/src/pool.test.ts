import { expect, test } from 'bun:test'
import { type HttpClientOptions, openHttpClient } from './client.ts'
import { lengthResponse, startScriptedUpstream, until } from './fixtures/scripted-upstream.ts'

const post = { body: '{}', timeoutMs: 5_000, repeatable: true }
const ok = lengthResponse('1')

function open(url: URL, options: Partial<HttpClientOptions> = {}) {
  return openHttpClient({
    url,
    headers: {},
    connectionsMax: 8,
    answerBytesMax: 100_000,
    clock: { nowMs: () => performance.now() },
    ...options,
  })
}

test('2,000 requests stay within the connections allowed and leave nothing behind', async () => {
  const upstream = startScriptedUpstream({
    onRequest: (peer, { before }) => {
      if (before % 50 === 0) setTimeout(peer.write, 1, ok)
      else if (before % 37 === 0) peer.write(lengthResponse('1', 'connection: close\r\n'))
      else peer.write(ok)
    },
  })
  const client = open(upstream.url)
  let [left, answered, openMost] = [2_000, 0, 0]
  const work = async () => {
    while (left-- > 0) {
      const reply = await client.post(post)
      if (reply.ok) answered += 1
      openMost = Math.max(openMost, client.connections.open)
    }
  }
  await Promise.all(Array.from({ length: 16 }, work))
  expect(answered).toBe(2_000)
  expect(openMost).toBeLessThanOrEqual(8)
  client.close()
  expect(client.connections).toEqual({ open: 0, idle: 0 })
  await until(() => upstream.connections.open === 0)
  upstream.stop()
})

test('requests that wait are served in their order as connections become free', async () => {
  const upstream = startScriptedUpstream({
    onRequest: (peer) => void setTimeout(peer.write, 2, ok),
  })
  const client = open(upstream.url, { connectionsMax: 3 })
  const bodies = ['0', '1', '2', '3', '4', '5']
  await Promise.all(bodies.map((body) => client.post({ ...post, body })))
  expect(upstream.requests.map(({ body }) => body).slice(3)).toEqual(['3', '4', '5'])
  expect(upstream.connections.total).toBe(3)
  client.close()
  upstream.stop()
})

test('a request that waits gets a new connection when the one before it fails', async () => {
  const upstream = startScriptedUpstream({
    onRequest: (peer, { before }) => (before === 0 ? peer.reset() : peer.write(ok)),
  })
  const client = open(upstream.url, { connectionsMax: 1 })
  const [first, second] = await Promise.all([client.post(post), client.post(post)])
  expect(first).toMatchObject({ ok: false, fault: 'lost' })
  expect(second).toMatchObject({ ok: true })
  client.close()
  upstream.stop()
})

test('idle connections close when they are old, the least used first', async () => {
  const upstream = startScriptedUpstream({
    onRequest: (peer) => void setTimeout(peer.write, 1, ok),
  })
  const client = open(upstream.url, { idleMsMax: 60 })
  await Promise.all([client.post(post), client.post(post), client.post(post)])
  expect(client.connections).toEqual({ open: 3, idle: 3 })
  for (let round = 0; round < 6; round++) {
    await Bun.sleep(20)
    await client.post(post)
  }
  expect(client.connections).toEqual({ open: 1, idle: 1 })
  expect(upstream.connections.total).toBe(3)
  await until(() => client.connections.open === 0 && upstream.connections.open === 0)
  client.close()
  upstream.stop()
})

test('a connection too old is not used again, even before it is swept', async () => {
  let nowMs = 0
  const upstream = startScriptedUpstream({ onRequest: (peer) => peer.write(ok) })
  const client = open(upstream.url, { clock: { nowMs: () => nowMs } })
  await client.post(post)
  nowMs += 15_000
  await client.post(post)
  nowMs += 15_001
  await client.post(post)
  expect(upstream.requests.map(({ connection }) => connection)).toEqual([1, 1, 2])
  client.close()
  upstream.stop()
})

test('a large request is sent as fast as a slow upstream takes it', async () => {
  const upstream = startScriptedUpstream({
    onRequest: (peer, { body }) => peer.write(lengthResponse(String(body.length))),
  })
  const client = open(upstream.url)
  const body = 'é'.repeat(6_000_000)
  expect(await client.post({ ...post, body })).toMatchObject({ ok: true, text: '6000000' })
  expect(client.connections).toEqual({ open: 1, idle: 1 })
  client.close()
  upstream.stop()
})

test('an answer that comes before the whole request was sent ends the connection', async () => {
  const upstream = startScriptedUpstream({
    onConnection: (peer) =>
      setTimeout(peer.write, 20, 'HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n'),
    pausesReading: true,
  })
  const client = open(upstream.url)
  const reply = await client.post({ ...post, body: 'x'.repeat(20_000_000) })
  expect(reply).toMatchObject({ ok: true, status: 413 })
  expect(client.connections.open).toBe(0)
  client.close()
  upstream.stop()
})

test.each(['127.0.0.1', '::1'])('localhost is reached at %s', async (hostname) => {
  const upstream = startScriptedUpstream({ hostname, onRequest: (peer) => peer.write(ok) })
  const urls = [upstream.url, new URL(`http://localhost:${upstream.port}/`)]
  for (const url of urls) {
    const client = open(url)
    expect(await client.post(post)).toMatchObject({ ok: true })
    client.close()
  }
  expect(upstream.requests[0]?.head).toContain(`host: ${upstream.url.host}`)
  upstream.stop()
})
