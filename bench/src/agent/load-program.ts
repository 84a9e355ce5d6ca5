import { parseArgs } from 'node:util'
import { AgentClient } from '@mooring/gateway/agents/agent-client'
import { RelaySession } from '@mooring/gateway/agents/relay-session'
import { openHttpClient } from '@mooring/http-client/client'
import type { HttpReply } from '@mooring/http-client/post'
import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { createPricing } from '@mooring/market/pricing/pricing'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { requestText } from '@mooring/protocol/relays/request-text'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import { systemClock } from '@mooring/telemetry/clock'
import { stringToHex } from 'viem'

// Plays a gateway before one agent and prints what it did as one JSON object; a program of its own, so that it can be kept to
// one processor. All it does of itself is the same in every mode, so that the agents of all modes are asked alike:
//   relayed: probes, which an agent passes on and forgets
//   proven: relays, for which it signs receipts
//   signed: as proven, and one in a hundred answers is signed

export type Mode = 'relayed' | 'proven' | 'signed'
/** What it is told, as JSON. */
export type LoadOrder = {
  mode: Mode
  url: string
  chain: string
  nodeId: string
  nodeSigner: string
  gatewayKey: `0x${string}`
  domain: { chainId: number; registry: `0x${string}` }
  epoch: string
  connections: number
  seconds: number
  firstBlock: number
}
export type LoadDone = {
  relays: number
  receipts: number
  proven: number
  signedAnswers: number
  problem: string | null
}

const answerBytesMax = 1_048_576
const timeoutMs = 10_000
const signEach = 100
const method = 'eth_getBlockByNumber'

const { values } = parseArgs({ options: { order: { type: 'string', default: '{}' } } })
const order: LoadOrder = JSON.parse(values.order)
const { mode, url, chain, nodeId, connections } = order
const clock = systemClock
const signer = createDigestSigner(order.gatewayKey)
const agent = new AgentClient(
  { url: new URL(url), headers: {}, nodeId, signer: order.nodeSigner },
  { domain: order.domain, signer, clock },
)
const opened = await agent.openSession()
if (opened.kind !== 'ok') throw new Error(`the agent opens no session: ${opened.detail}`)
const session = new RelaySession({
  ...{ id: opened.value.id, token: opened.value.token, nodeId: BigInt(nodeId) },
  ...{ gateway: signer.address, chain: stringToHex(chain, { size: 32 }) },
  untilMs: Number.POSITIVE_INFINITY,
})
const probe: Record<string, string> = mode === 'relayed' ? { [relayHeaders.probe]: '1' } : {}
const client = openHttpClient({
  ...{ url: new URL(url), connectionsMax: connections, answerBytesMax, clock },
  headers: { [relayHeaders.session]: opened.value.token, ...probe },
})
const pricing = createPricing(newestTable.table)
const credits = pricing.priceOf({ family: 'evm', method, transport: 'http' })
const terms = { epoch: BigInt(order.epoch), tariff: newestTable.hash }
const done: LoadDone = { relays: 0, receipts: 0, proven: 0, signedAnswers: 0, problem: null }
const endMs = clock.nowMs() + order.seconds * 1_000
const isOver = () => done.problem !== null || clock.nowMs() >= endMs

async function sendOn(): Promise<void> {
  while (!isOver()) {
    const number = done.relays + inFlight
    inFlight++
    const params = [`0x${(order.firstBlock + number).toString(16)}`, false]
    const request = requestText({ method, params }, 1_000_000 + (number % 9_000_000))
    const isSigned = mode === 'signed' && number % signEach === 0
    const headerLines = isSigned ? `${relayHeaders.sign}: 1\r\n` : undefined
    const reply = await client.post({ body: request, timeoutMs, repeatable: true, headerLines })
    inFlight--
    done.relays++
    note(request, reply, isSigned)
  }
}

let inFlight = 0

function note(request: string, reply: HttpReply, isSigned: boolean): void {
  if (!reply.ok || reply.status !== 200 || !reply.text.includes('"result":{')) {
    done.problem ??= reply.ok ? `${reply.status} ${reply.text.slice(0, 200)}` : reply.detail
    return
  }
  session.accept({ request, response: reply.text }, credits, { ...terms, nowMs: clock.nowMs() })
  if (isSigned && reply.headers.get(relayHeaders.answer) !== undefined) done.signedAnswers++
}

async function proveOn(): Promise<void> {
  while (!isOver()) {
    await clock.sleep(250)
    session.review(clock.nowMs(), terms.epoch)
    await prove()
  }
}

async function prove(): Promise<void> {
  for (let draft = session.draft(); draft !== undefined; draft = session.draft()) {
    if (mode !== 'relayed') {
      const asked = await agent.propose(draft)
      if (asked.kind !== 'ok') {
        done.problem ??= `no receipt: ${asked.detail}`
        return
      }
      done.receipts++
      done.proven += Number(draft.receipt.relays)
    }
    session.signed(draft)
  }
}

await Promise.all([proveOn(), ...Array.from({ length: connections }, sendOn)])
session.review(clock.nowMs(), terms.epoch, { isLast: true })
await prove()
process.stdout.write(`${JSON.stringify(done)}\n`)
process.exit(0)
