import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { createSessionKey, sessionIdOf, sessionTokenOf } from '@mooring/onchain/relay-sessions'
import { receiptData, sessionGrantData } from '@mooring/onchain/relay-statements'
import { parseProposal } from '@mooring/protocol/relays/receipts'
import { agentPaths, type SessionOffer } from '@mooring/protocol/relays/sessions'
import { ReceiptBook } from '@mooring/receipts/receipt-book'
import { createLogger } from '@mooring/telemetry/logger'
import { createMeters } from '@mooring/telemetry/meters'
import type { Hex } from 'viem'
import { generatePrivateKey } from 'viem/accounts'
import { createHandClock, type HandClock } from '../access/test/deployment.fixtures.ts'
import { createEvents } from '../events.ts'
import { AgentClient } from './agent-client.ts'
import { AgentLink } from './agent-link.ts'
import { windowRule } from './relay-session.ts'

setDefaultTimeout(30_000)

const domain = { chainId: 31_337, registry: `0x${'e5'.repeat(20)}` } as const
const node = createDigestSigner(generatePrivateKey())
const gateway = createDigestSigner(generatePrivateKey())
const stranger = createDigestSigner(generatePrivateKey())

/** How the agent of a test behaves: a script, not the service. */
type Behaviour = { signsGrants: typeof node; receipt: (digest: Uint8Array) => Response }
const honest: Behaviour = {
  signsGrants: node,
  receipt: (digest) => Response.json({ signature: node.sign(digest) }),
}

let behaviour: Behaviour
let server: ReturnType<typeof Bun.serve>
let tokens: (string | undefined)[]
let clock: HandClock
let book: ReceiptBook
let link: AgentLink
let directory: string

beforeEach(() => {
  behaviour = honest
  tokens = []
  server = Bun.serve({
    ...{ hostname: '127.0.0.1', port: 0, development: false },
    routes: {
      [agentPaths.sessions]: async (request) => grant((await request.json()) as SessionOffer),
      [agentPaths.receipts]: async (request) => {
        const proposal = parseProposal(await request.text())
        if (proposal === undefined) return new Response('', { status: 400 })
        return behaviour.receipt(receiptData(domain, proposal.receipt).digest)
      },
    },
  })
  directory = mkdtempSync(join(tmpdir(), 'mooring-link-'))
  book = new ReceiptBook(join(directory, 'receipts.sqlite'))
  clock = createHandClock()
  const address = { url: server.url, headers: {}, nodeId: '7', signer: node.address }
  link = new AgentLink('local_one p/n', address, {
    ...{ book, clock, gateway: gateway.address, chain: `0x${'02'.repeat(32)}` },
    client: new AgentClient(address, { domain, signer: gateway, clock }),
    events: createEvents(createLogger('gateway', 'silent'), createMeters()),
    epoch: () => 3n,
    onToken: (token) => void tokens.push(token),
    onStopped() {},
  })
})
afterEach(async () => {
  await link.stop()
  await book.close()
  await server.stop(true)
  rmSync(directory, { recursive: true })
})

function grant(offer: SessionOffer): Response {
  const own = createSessionKey()
  const session = sessionIdOf({ offer, key: own.publicKey })
  expected = sessionTokenOf({ own, other: offer.key, session })
  const { nodeId, gateway: asking, key: offered } = offer
  const expiresAt = Math.floor(clock.wallMs() / 1_000) + 3_600
  const facts = { nodeId, gateway: asking, offered, key: own.publicKey, session, expiresAt }
  const signature = behaviour.signsGrants.sign(sessionGrantData(domain, facts).digest)
  return Response.json({ ...facts, signature })
}
let expected: string

/** Relays enough for a receipt, and the time that it takes. */
function fillWindow(): Hex {
  const session = link.session!
  for (let at = 0; at < windowRule.relaysMin; at++) {
    const bodies = { request: `${at}`, response: crypto.randomUUID() }
    session.accept(bodies, undefined, {
      epoch: 3n,
      tariff: `0x${'09'.repeat(32)}`,
      nowMs: clock.nowMs(),
    })
  }
  return session.facts.id
}

const series = (session: Hex) => ({ session, chain: `0x${'02'.repeat(32)}`, epoch: 3n }) as const

/** Lets the hand of the clock go on until something is so. */
async function until(isSo: () => boolean, stepMs = 250): Promise<void> {
  for (let step = 0; !isSo(); step++) {
    if (step > 2_000) throw new Error('it did not come to be so')
    clock.advance(stepMs)
    await Bun.sleep(2)
  }
}

test('a session bears the token that both ends derive, and its receipts are kept', async () => {
  await until(() => link.isOpen)
  expect(tokens).toEqual([expected])
  const session = fillWindow()
  await until(() => book.lastOf(series(session)) !== undefined)
  expect(book.lastOf(series(session))?.receipt.relaysSum).toBe(100n)
  expect(link.isOpen).toBe(true)
})

test('a session is replaced before it ends, and what the one before served is still proven', async () => {
  await until(() => link.isOpen)
  const session = fillWindow()
  await until(() => tokens.length === 2, 60_000)
  await until(() => book.lastOf(series(session)) !== undefined)
  expect(link.isOpen).toBe(true)
  expect(tokens[1]).toBe(expected)
})

test.each([
  ['refuses them', () => Response.json({ error: 'wrong-credits', detail: 'x' }, { status: 409 })],
  [
    'signs with another key',
    (digest: Uint8Array) => Response.json({ signature: stranger.sign(digest) }),
  ],
  ['answers something else', () => Response.json({ signature: 'yes' })],
])('an agent that %s gets nothing for a while, and nothing is kept', async (_what, receipt) => {
  await until(() => link.isOpen)
  behaviour = { ...honest, receipt }
  const session = fillWindow()
  await until(() => !link.isOpen)
  expect(link.trouble).toContain('signs no receipt')
  expect(tokens.at(-1)).toBeUndefined()
  expect(book.lastOf(series(session))).toBeUndefined()
  const closedMs = clock.nowMs()
  behaviour = honest
  await until(() => link.isOpen)
  expect(clock.nowMs() - closedMs).toBeGreaterThan(50_000)
})

test('an agent that is silent is asked for the same receipt again', async () => {
  await until(() => link.isOpen)
  const asked: string[] = []
  behaviour = {
    ...honest,
    receipt(digest) {
      asked.push(digest.toHex())
      return asked.length < 3 ? new Response('', { status: 503 }) : honest.receipt(digest)
    },
  }
  const session = fillWindow()
  await until(() => book.lastOf(series(session)) !== undefined)
  expect(new Set(asked).size).toBe(1)
  expect(link.isOpen).toBe(true)
})

test('an agent that knows the session no more gets another one at once', async () => {
  await until(() => link.isOpen)
  const before = link.session!
  fillWindow()
  link.lost(before)
  expect(link.isOpen).toBe(false)
  expect(before.unproven).toBe(0)
  const lostMs = clock.nowMs()
  await until(() => link.isOpen)
  expect(clock.nowMs() - lostMs).toBeLessThan(10_000)
})

test('an agent is not connected to where it may not be', async () => {
  const locate = async () => ({ ok: false, problem: 'it is at home' }) as const
  const address = { url: server.url, headers: {}, locate, nodeId: '7', signer: node.address }
  const client = new AgentClient(address, { domain, signer: gateway, clock })
  expect(await client.openSession()).toEqual({ kind: 'silent', detail: 'unreachable' })
  client.close()
})

test('a session that the key of the node has not signed is none', async () => {
  behaviour = { ...honest, signsGrants: stranger }
  await until(() => link.trouble?.includes('not one that the key of the node') === true)
  expect(link.isOpen).toBe(false)
})
