import { expect, test } from 'bun:test'
import { Call } from './call.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import {
  lengthResponse,
  type Peer,
  startScriptedUpstream,
  until,
} from './fixtures/scripted-upstream.ts'
import type { Outgoing } from './outbox.ts'
import { HeadMemo } from './response-head.ts'
import { parseUpstreamAddress, requestOf } from './upstream-address.ts'

/** An open connection, whose requests are written when the test says so, and what its owner was told. */
async function open() {
  const peers: Peer[] = []
  const upstream = startScriptedUpstream({
    onConnection: (peer) => peers.push(peer),
    onRequest: (peer, { body }) => peer.write(lengthResponse(body)),
  })
  const told: string[] = []
  const due: Outgoing[] = []
  const owner: ConnectionOwner = {
    opened: () => told.push('opened'),
    answered: (_connection, { body }) => told.push(`answered ${body.text()}`),
    failed: (_connection, { fault }) => told.push(`failed ${fault}`),
    outOfStep: () => told.push('out of step'),
    dialSettled() {},
  }
  const outbox = { add: (outgoing: Outgoing) => void due.push(outgoing) }
  const connection = new Connection(owner, {
    answerBytesMax: 1_000,
    headMemo: new HeadMemo(),
    outbox: outbox as ConstructorParameters<typeof Connection>[1]['outbox'],
  })
  const address = parseUpstreamAddress(upstream.url, { headers: {}, ca: undefined })
  connection.dial(address)
  await until(() => connection.isOpen && peers.length === 1)
  told.length = 0
  return {
    connection,
    upstream,
    told,
    peer: peers[0] as Peer,
    flush() {
      for (const each of due.splice(0)) each.flush()
    },
    give(body: string): Call {
      const post = { body, timeoutMs: 1_000, repeatable: false }
      const request = requestOf(address, body)
      const call = new Call({ request, post, deadlineMs: 0, done() {}, onAbort() {} })
      connection.call = call
      connection.send()
      return call
    },
    [Symbol.dispose]() {
      connection.drop()
      upstream.stop()
    },
  }
}

test('bytes that come before the request is written are no answer to it', async () => {
  using opened = await open()
  const { connection, told, peer, upstream, give, flush } = opened
  give('1')
  flush()
  await until(() => told.length === 1)
  const call = give('2')
  peer.write(lengthResponse('"stray"'))
  await until(() => told.length === 3)
  flush()
  expect(told).toEqual(['answered 1', 'out of step', 'failed malformed'])
  expect(call.sent).toBe(false)
  expect(connection.isStale).toBe(true)
  expect(upstream.requests).toHaveLength(1)
})

test('a request is written once, however often its connection has its turn', async () => {
  using opened = await open()
  const { told, upstream, give, flush } = opened
  give('1')
  give('2')
  flush()
  await until(() => told.length === 1)
  await Bun.sleep(20)
  expect(told).toEqual(['answered 2'])
  expect(upstream.requests.map(({ body }) => body)).toEqual(['2'])
})

test('the turn of a request that is gone does nothing for the one after it', async () => {
  using opened = await open()
  const { connection, upstream, give, flush } = opened
  const gone = give('1')
  connection.call = undefined
  flush()
  await Bun.sleep(20)
  expect(gone.sent).toBe(false)
  expect(upstream.requests).toEqual([])
})
