import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test'
import { openHttpClient } from './client.ts'
import type { Locate } from './connection.ts'
import {
  lengthResponse,
  type ScriptedUpstream,
  startScriptedUpstream,
  until,
} from './fixtures/scripted-upstream.ts'

/** Answers, and closes the connection: the next request needs another one. */
let upstream: ScriptedUpstream
beforeAll(() => {
  upstream = startScriptedUpstream({
    onRequest: (peer) => peer.write(lengthResponse('1', 'Connection: close\r\n')),
  })
})
afterAll(() => upstream?.stop())
let before = 0
beforeEach(() => {
  before = upstream.connections.total
})
const connected = () => upstream.connections.total - before

const post = { body: '{}', timeoutMs: 2_000, repeatable: true }
const here = { ok: true, address: '127.0.0.1' } as const

function open(locate: Locate) {
  return openHttpClient({
    url: new URL(`http://node.example:${upstream.port}/`),
    headers: {},
    connectionsMax: 2,
    answerBytesMax: 1_000,
    clock: { nowMs: () => performance.now() },
    locate,
  })
}

test('where a host is is asked at each connection, and nothing is connected to that may not be', async () => {
  const places = [here, { ok: false, problem: 'it is inside' }, here] as const
  let asked = 0
  const client = open(async () => places[asked++] ?? here)
  expect(await client.post(post)).toMatchObject({ ok: true })
  expect(await client.post(post)).toEqual({
    ok: false,
    fault: 'unreachable',
    sent: false,
    detail: 'it may not be connected to: it is inside',
  })
  expect(client.connections).toEqual({ open: 0, idle: 0 })
  expect(await client.post(post)).toMatchObject({ ok: true })
  expect([asked, connected()]).toEqual([3, 2])
  client.close()
})

test('a request that is given up while its host is looked for connects to nobody', async () => {
  const found = Promise.withResolvers<Awaited<ReturnType<Locate>>>()
  const client = open(() => found.promise)
  expect(await client.post({ ...post, timeoutMs: 20 })).toMatchObject({
    detail: 'connecting took too long',
  })
  found.resolve(here)
  // Whatever it began is over once another request has been answered.
  expect(await client.post(post)).toMatchObject({ ok: true })
  await until(() => upstream.connections.open === 0)
  expect(connected()).toBe(1)
  client.close()
})
