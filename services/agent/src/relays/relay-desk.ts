import type { HttpReply } from '@mooring/http-client/post'
import { readRequestText } from '@mooring/protocol/relays/request-text'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import { leafWordsOf } from '@mooring/receipts/sha256'
import type { Clock } from '@mooring/telemetry/clock'
import type { AnswerSigner } from '../answers/answer-signer.ts'
import type { AgentConfig } from '../config.ts'
import type { Events } from '../events.ts'
import type { Session, Sessions } from '../sessions/sessions.ts'
import type { Node } from './node.ts'
import type { KnownMethod } from './served-relays.ts'

export type RelayDeskContext = {
  config: Pick<AgentConfig, 'nodeTimeoutMs' | 'unprovenRelaysMax'>
  sessions: Sessions
  signer: AnswerSigner
  clock: Clock
  events: Events
}

/** A request on its way to the node and back. */
type Relay = {
  session: Session
  node: Node
  body: string
  paramsAt: number
  method: KnownMethod
  isProbe: boolean
  wantsSignature: boolean
}

/** Passes on what gateways with a session send, and remembers what was served until there is a receipt for it. */
export class RelayDesk {
  readonly #context: RelayDeskContext

  constructor(context: RelayDeskContext) {
    this.#context = context
  }

  async handle(request: Request, node: Node): Promise<Response> {
    const { sessions, events } = this.#context
    const { headers } = request
    const session = sessions.find(headers.get(relayHeaders.session))
    if (session === undefined) {
      events.strange()
      return refused(401, 'open a session: POST /mooring/v1/sessions')
    }
    const isProbe = headers.get(relayHeaders.probe) === '1'
    const wantsSignature = headers.get(relayHeaders.sign) === '1'
    const body = await request.text()
    const read = readRequestText(body)
    const method = read && node.methods.of(read.method)
    if (read === undefined || method === undefined) {
      events.relayed(node.definition.name, 'malformed')
      return refused(400, 'send one request in the form of a Mooring gateway')
    }
    const { paramsAt } = read
    const relay = { session, node, body, paramsAt, method, isProbe, wantsSignature }
    if (!isProbe && this.#isOwed(relay)) {
      events.relayed(node.definition.name, 'receiptsDue')
      return refused(429, 'receipts are due: propose them at /mooring/v1/receipts')
    }
    return this.#relay(relay)
  }

  #isOwed({ session, node }: Relay): boolean {
    const served = session.served.get(node.definition.name)
    return served === undefined || served.size >= this.#context.config.unprovenRelaysMax
  }

  #relay(relay: Relay): Promise<Response> {
    const { node, body, method } = relay
    const timeoutMs = this.#context.config.nodeTimeoutMs
    const repeatable = method.isRepeatable
    return new Promise((resolve, reject) => {
      node.client.send({ body, timeoutMs, repeatable }, (reply) => {
        try {
          resolve(this.#answer(relay, reply))
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  #answer(relay: Relay, reply: HttpReply): Response | Promise<Response> {
    const { session, node, body, method, isProbe } = relay
    const { clock, events } = this.#context
    const { name } = node.definition
    if (!reply.ok) {
      events.relayed(name, 'failed')
      return refused(reply.fault === 'timeout' ? 504 : 502, `no answer of the node: ${reply.fault}`)
    }
    if (isProbe) events.probed(name)
    else {
      const leaf = leafWordsOf(body, reply.text)
      session.served.get(name)?.add(leaf, method.id, clock.nowMs() / 1_000)
      events.relayed(name, 'answered')
    }
    if (reply.status !== 200) return unusual(reply)
    if (relay.wantsSignature) return this.#signed(relay, reply.text)
    return new Response(reply.text, jsonInit)
  }

  async #signed({ node, body, paramsAt, method }: Relay, text: string): Promise<Response> {
    const header = await this.#context.signer.sign(node, {
      method: method.name,
      body,
      paramsAt,
      text,
    })
    if (header === undefined) return new Response(text, jsonInit)
    return new Response(text, { headers: { ...jsonHeaders, [relayHeaders.answer]: header } })
  }
}

const jsonHeaders = { 'content-type': 'application/json' } as const
/** Made once: one is needed for every answer. */
const jsonInit = { headers: new Headers(jsonHeaders) }

/** What the node says by its status reaches the gateway, with the pause it may ask for. */
function unusual({ status, headers, text }: HttpReply & { ok: true }): Response {
  const retryAfter = headers.get('retry-after')
  const pause = retryAfter === undefined ? {} : { 'retry-after': retryAfter }
  // Below 200 and without a body are what no answer to a POST may be.
  const isSendable = status >= 200 && status !== 204 && status !== 205 && status !== 304
  return new Response(text, {
    status: isSendable ? status : 502,
    headers: { ...jsonHeaders, ...pause },
  })
}

function refused(status: number, detail: string): Response {
  return Response.json({ error: detail }, { status })
}
