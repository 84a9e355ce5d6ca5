import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { openHttpClient } from '@mooring/http-client/client'
import {
  lengthResponse,
  type ScriptedUpstream,
  startScriptedUpstream,
} from '@mooring/http-client/fixtures/scripted-upstream'
import type { HttpReply } from '@mooring/http-client/post'
import type { Resolve } from '@mooring/outbound/target'
import { locateBy, rulesOf } from './reach.ts'

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

type Given = { allowPrivateAddresses: boolean; resolve?: Resolve }

/** As a gateway opens a node that a provider has named. */
function open(url: string, { resolve, ...settings }: Given) {
  return openHttpClient({
    url: new URL(url),
    headers: {},
    connectionsMax: 2,
    answerBytesMax: 1_000,
    clock: { nowMs: () => performance.now() },
    locate: locateBy(url, rulesOf(settings, resolve)),
  })
}

const refused = (problem: string): HttpReply => ({
  ok: false,
  fault: 'unreachable',
  sent: false,
  detail: `it may not be connected to: ${problem}`,
})

describe('a node that a provider has named', () => {
  test('is not followed to where its name leads later', async () => {
    const answers = [['127.0.0.1'], ['169.254.169.254']]
    const resolve = async () => answers.shift() ?? []
    const url = `http://rebinding.example:${upstream.port}/`
    const client = open(url, { allowPrivateAddresses: true, resolve })
    expect(await client.post(post)).toMatchObject({ ok: true })
    expect(await client.post(post)).toEqual(refused('it does not begin with https://'))
    expect(connected()).toBe(1)
    client.close()
  })

  test.each([
    'localhost',
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '[::ffff:127.0.0.1]',
    '[::7f00:1]',
    '0.0.0.0',
  ])('at %s is never connected to', async (host) => {
    const client = open(`https://${host}:${upstream.port}/`, { allowPrivateAddresses: false })
    expect(await client.post(post)).toEqual(refused('its host is not on the public internet'))
    client.close()
    expect(connected()).toBe(0)
  })
})
