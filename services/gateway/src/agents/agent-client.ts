import { type HttpClient, openHttpClient } from '@mooring/http-client/client'
import type { Locate } from '@mooring/http-client/connection'
import { type DigestSigner, recoverSigner } from '@mooring/onchain/digest-signer'
import { createSessionKey, sessionIdOf, sessionTokenOf } from '@mooring/onchain/relay-sessions'
import {
  type RelayDomain,
  receiptData,
  sessionGrantData,
  sessionOfferData,
} from '@mooring/onchain/relay-statements'
import { type ReceiptProposal, receiptText } from '@mooring/protocol/relays/receipts'
import {
  agentPaths,
  type ReceiptRefusal,
  type Refused,
  type SessionGrant,
  type SessionRefusal,
  sessionSecondsMax,
} from '@mooring/protocol/relays/sessions'
import type { Clock } from '@mooring/telemetry/clock'
import { bytesToHex, type Hex } from 'viem'
import { z } from 'zod'
import type { Draft } from './relay-session.ts'
import type { AnsweringNode } from './signed-answer.ts'

export type AgentAddress = {
  /** Where the upstream is: its agent answers beside it. */
  url: URL
  headers: Readonly<Record<string, string>>
  /** As for the relays: where each new connection may lead; left out where the operator has named the place. */
  locate?: Locate | undefined
  nodeId: string
  /** What the node signs with, in lower case. */
  signer: string
}

export type OpenedSession = { id: Hex; token: string; expiresAt: number }
export type Asked<T, Code> =
  | { kind: 'ok'; value: T }
  | { kind: 'refused'; code: Code; detail: string }
  /** It cannot be told what became of it: it may be asked again. */
  | { kind: 'silent'; detail: string }
  /** What came is not what the node may answer. */
  | { kind: 'false'; detail: string }

export type SignedReceipt = { digest: Hex; gatewaySignature: Hex; nodeSignature: Hex }

const timeoutMs = 5_000
const answerBytesMax = 65_536
const hex = (digits: number) => z.string().regex(new RegExp(`^0x[0-9a-f]{${digits}}$`))
const grantSchema = z.object({
  nodeId: z.string(),
  gateway: hex(40),
  offered: hex(64),
  key: hex(64),
  session: hex(64),
  expiresAt: z.int().positive(),
  signature: hex(130),
})
const signatureSchema = z.object({ signature: hex(130) })
const refusedSchema = z.object({ error: z.string(), detail: z.string() })

/** Speaks with the agent of one upstream. Nothing here rejects. */
export class AgentClient {
  /** What its signatures are compared with. */
  readonly node: AnsweringNode
  readonly #address: AgentAddress
  readonly #domain: RelayDomain
  readonly #signer: DigestSigner
  readonly #clock: Clock
  readonly #sessions: HttpClient
  readonly #receipts: HttpClient

  constructor(
    address: AgentAddress,
    { domain, signer, clock }: { domain: RelayDomain; signer: DigestSigner; clock: Clock },
  ) {
    this.node = { nodeId: BigInt(address.nodeId), signer: address.signer, domain }
    this.#address = address
    this.#domain = domain
    this.#signer = signer
    this.#clock = clock
    const open = (path: string) => {
      const url = new URL(path, address.url)
      return openHttpClient({
        url,
        headers: address.headers,
        connectionsMax: 2,
        answerBytesMax,
        clock,
        locate: address.locate,
      })
    }
    this.#sessions = open(agentPaths.sessions)
    this.#receipts = open(agentPaths.receipts)
  }

  async openSession(): Promise<Asked<OpenedSession, SessionRefusal>> {
    const own = createSessionKey()
    const { nodeId } = this.#address
    const issuedAt = Math.floor(this.#clock.wallMs() / 1_000)
    const nonce = bytesToHex(crypto.getRandomValues(new Uint8Array(32)))
    const gateway = this.#signer.address
    const offer = { nodeId, gateway, key: own.publicKey, issuedAt, nonce }
    const signature = this.#signer.sign(sessionOfferData(this.#domain, offer).digest)
    const asked = await this.#post(this.#sessions, { ...offer, signature }, grantSchema)
    if (asked.kind !== 'ok') return asked as Asked<OpenedSession, SessionRefusal>
    // Their form was looked at.
    const grant = asked.value as SessionGrant
    const session = sessionIdOf({ offer, key: grant.key })
    const isOurs =
      grant.nodeId === nodeId &&
      grant.gateway === gateway &&
      grant.offered === offer.key &&
      grant.session === session &&
      grant.expiresAt <= issuedAt + sessionSecondsMax + 120
    const signer = recoverSigner(sessionGrantData(this.#domain, grant).digest, grant.signature)
    if (!isOurs || signer !== this.#address.signer) {
      return { kind: 'false', detail: 'the session is not one that the key of the node has signed' }
    }
    try {
      const token = sessionTokenOf({ own, other: grant.key, session })
      return { kind: 'ok', value: { id: session, token, expiresAt: grant.expiresAt } }
    } catch {
      return { kind: 'false', detail: 'the key of the agent is none' }
    }
  }

  async propose({ receipt, paid, free }: Draft): Promise<Asked<SignedReceipt, ReceiptRefusal>> {
    const { digest } = receiptData(this.#domain, receipt)
    const gatewaySignature = this.#signer.sign(digest)
    const proposal: ReceiptProposal = {
      receipt: receiptText(receipt),
      signature: gatewaySignature,
      paid: Buffer.from(paid).toString('base64'),
      free: Buffer.from(free).toString('base64'),
    }
    const asked = await this.#post(this.#receipts, proposal, signatureSchema)
    if (asked.kind !== 'ok') return asked as Asked<SignedReceipt, ReceiptRefusal>
    const nodeSignature = asked.value.signature as Hex
    if (recoverSigner(digest, nodeSignature) !== this.#address.signer) {
      return { kind: 'false', detail: 'the receipt is not signed by the key of the node' }
    }
    return { kind: 'ok', value: { digest: bytesToHex(digest), gatewaySignature, nodeSignature } }
  }

  close(): void {
    this.#sessions.close()
    this.#receipts.close()
  }

  async #post<T>(
    client: HttpClient,
    body: object,
    schema: z.ZodType<T>,
  ): Promise<Asked<T, string>> {
    const reply = await client.post({ body: JSON.stringify(body), timeoutMs, repeatable: true })
    if (!reply.ok) return { kind: 'silent', detail: reply.fault }
    const value = parsedJson(reply.text)
    if (reply.status === 200) {
      const parsed = schema.safeParse(value)
      return parsed.success
        ? { kind: 'ok', value: parsed.data }
        : { kind: 'false', detail: 'the answer has another form' }
    }
    const refused = refusedSchema.safeParse(value)
    if (!refused.success || reply.status >= 500) {
      return { kind: 'silent', detail: `HTTP ${reply.status}` }
    }
    const { error: code, detail } = refused.data as Refused
    return { kind: 'refused', code, detail }
  }
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
