import { noReceipts, type ReceiptSums } from '@mooring/market/receipts/continues'
import { nextAccumulator, windowRootOf } from '@mooring/market/receipts/window'
import type { Deployment } from '@mooring/onchain/deployment'
import { createDigestSigner } from '@mooring/onchain/digest-signer'
import { createSessionKey, sessionIdOf, sessionTokenOf } from '@mooring/onchain/relay-sessions'
import { receiptData, relayDomainOf, sessionOfferData } from '@mooring/onchain/relay-statements'
import { type Receipt, receiptText } from '@mooring/protocol/relays/receipts'
import { requestText } from '@mooring/protocol/relays/request-text'
import {
  agentPaths,
  relayHeaders,
  type SessionGrant,
  type SessionOffer,
} from '@mooring/protocol/relays/sessions'
import { bytesOfLeaves, type Leaf, leafOf, sha256 } from '@mooring/receipts/sha256'
import { bytesToHex, type Hex, hexToBytes, stringToHex } from 'viem'

/** A gateway as an agent sees it, which does what a test tells it: a script, not the service. */
export type GatewayScript = {
  signer: ReturnType<typeof createDigestSigner>
  offer(changes?: Partial<SessionOffer>): Promise<{ status: number; body: unknown }>
  open(): Promise<ScriptedSession>
}

export type ScriptedSession = {
  grant: SessionGrant
  token: string
  /** Sends a request. @returns The answer with the leaf of the relay. */
  relay(
    method: string,
    params: readonly unknown[],
    headers?: Record<string, string>,
  ): Promise<{ response: Response; text: string; leaf: Leaf }>
  /** A receipt over leaves that goes on from the last one that was signed. */
  draft(leaves: Leaves, changes?: Partial<Receipt>): Draft
  propose(draft: Draft, signature?: Hex): Promise<{ status: number; body: Record<string, string> }>
}

export type Leaves = { paid?: readonly Leaf[]; free?: readonly Leaf[]; credits?: bigint }
export type Draft = { receipt: Receipt; paid: Uint8Array; free: Uint8Array }

export type ScriptOptions = {
  url: string
  deployment: Deployment
  privateKey: Hex
  nodeId: string
  chain: string
  epoch: bigint
  tariff: Hex
}

export function createGatewayScript(options: ScriptOptions): GatewayScript {
  const { url, nodeId, privateKey } = options
  const domain = relayDomainOf(options.deployment)
  const signer = createDigestSigner(privateKey)
  const own = createSessionKey()
  const offerOf = (changes: Partial<SessionOffer> = {}): SessionOffer => {
    const offer = {
      ...{ nodeId, gateway: signer.address, key: own.publicKey },
      issuedAt: Math.floor(Date.now() / 1_000),
      nonce: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
      ...changes,
    }
    return { signature: signer.sign(sessionOfferData(domain, offer).digest), ...offer, ...changes }
  }
  const post = async (path: string, body: unknown) => {
    // On a connection of its own: one to an agent that was killed meanwhile is of no use.
    const init = { method: 'POST', body: JSON.stringify(body), keepalive: false }
    const response = await fetch(`${url}${path}`, init)
    // Both are answered with JSON.
    return { status: response.status, body: (await response.json()) as Record<string, string> }
  }
  return {
    signer,
    offer: (changes) => post(agentPaths.sessions, offerOf(changes)),
    async open() {
      const offer = offerOf()
      const { status, body } = await post(agentPaths.sessions, offer)
      if (status !== 200) throw new Error(`no session: ${JSON.stringify(body)}`)
      const grant = body as unknown as SessionGrant
      const session = sessionIdOf({ offer, key: grant.key })
      const token = sessionTokenOf({ own, other: grant.key, session })
      return createSession({ ...options, signer, domain, grant, token, post })
    },
  }
}

type Opened = ScriptOptions & {
  signer: GatewayScript['signer']
  domain: ReturnType<typeof relayDomainOf>
  grant: SessionGrant
  token: string
  post: (path: string, body: unknown) => Promise<{ status: number; body: Record<string, string> }>
}

function createSession({ url, signer, domain, grant, token, post, ...options }: Opened) {
  let sums: ReceiptSums = noReceipts
  let id = 1_000_000
  const session: ScriptedSession = {
    grant,
    token,
    async relay(method, params, headers = {}) {
      const body = requestText({ method, params }, ++id)
      const response = await fetch(`${url}/${options.chain}`, {
        method: 'POST',
        body,
        headers: { [relayHeaders.session]: token, ...headers },
      })
      const text = await response.text()
      return { response, text, leaf: leafOf(body, text) }
    },
    draft({ paid = [], free = [], credits = 0n }, changes = {}) {
      const leaves = inOrder([...paid, ...free])
      const windowRoot = windowRootOf(leaves, sha256)
      const accumulator = nextAccumulator(hexToBytes(sums.accumulator), windowRoot, sha256)
      const relays = BigInt(paid.length + free.length)
      const receipt: Receipt = {
        session: grant.session,
        nodeId: BigInt(options.nodeId),
        gateway: signer.address,
        chain: stringToHex(options.chain, { size: 32 }),
        epoch: options.epoch,
        number: sums.number + 1n,
        relays,
        credits,
        relaysSum: sums.relaysSum + relays,
        creditsSum: sums.creditsSum + credits,
        windowRoot: bytesToHex(windowRoot),
        accumulator: bytesToHex(accumulator),
        tariff: options.tariff,
        ...changes,
      }
      return { receipt, paid: inOrder(paid), free: inOrder(free) }
    },
    async propose({ receipt, paid, free }, given) {
      const signature = given ?? signer.sign(receiptData(domain, receipt).digest)
      const [paidText, freeText] = [paid, free].map((each) => Buffer.from(each).toString('base64'))
      const proposal = { receipt: receiptText(receipt), signature, paid: paidText, free: freeText }
      const answer = await post(agentPaths.receipts, proposal)
      if (answer.status === 200) sums = receipt
      return answer
    },
  }
  return session
}

function inOrder(leaves: readonly Leaf[]): Uint8Array {
  return bytesOfLeaves(leaves.toSorted())
}
