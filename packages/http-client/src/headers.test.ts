import { expect, test } from 'bun:test'
import { openHttpClient } from './client.ts'
import { lengthResponse, startScriptedUpstream } from './fixtures/scripted-upstream.ts'

const post = { body: '{}', timeoutMs: 5_000, repeatable: true }

test('headers can be replaced between requests, and one request can have more', async () => {
  const upstream = startScriptedUpstream({ onRequest: (peer) => peer.write(lengthResponse('1')) })
  const client = openHttpClient({
    ...{ url: upstream.url, headers: { 'x-key': 'one' }, connectionsMax: 1 },
    ...{ answerBytesMax: 1_000, clock: { nowMs: () => performance.now() } },
  })
  await client.post(post)
  client.setHeaders({ 'x-other': 'two' })
  await client.post({ ...post, headerLines: 'x-once: three\r\n' })
  await client.post(post)
  const seen = upstream.requests.map(({ head }) =>
    head.split('\r\n').filter((line) => line.startsWith('x-')),
  )
  expect(seen).toEqual([['x-key: one'], ['x-other: two', 'x-once: three'], ['x-other: two']])
  expect(upstream.requests.map(({ body }) => body)).toEqual(['{}', '{}', '{}'])
  expect(upstream.connections.total).toBe(1)
  expect(() => client.setHeaders({ 'content-length': '1' })).toThrow('cannot be set')
  client.close()
  upstream.stop()
})
