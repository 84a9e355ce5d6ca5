import type { AccessDomain, ChannelKeys } from '@mooring/onchain/access-statements'
import type { Clock } from '@mooring/telemetry/clock'
import type { Address } from 'viem'
import { type Channel, messageBytesMax } from './channel.ts'
import { parseIntroduction } from './identity.ts'

/** Another verifier: who it is on chain, and where it listens. */
export type PeerAddress = { address: Address; url: string }

/** A peer did not answer, or not with anything that it could have meant. */
export class PeerUnreachable extends Error {
  override name = 'PeerUnreachable'
}

export type Peers = {
  readonly addresses: readonly Address[]
  /** The keys of a peer, once it has introduced itself. */
  keysOf(address: Address): Promise<ChannelKeys | undefined>
  /** Asks one peer, and resolves to the body of its answer. Throws `PeerUnreachable`. */
  ask(address: Address, body: unknown): Promise<unknown>
}

/** An introduction is asked for again no more often: a stranger's messages must not make us knock. */
const introductionMs = 10_000
/** The same of one that never answered. */
const retryMs = 250

export function createPeers(
  peers: readonly PeerAddress[],
  context: { domain: AccessDomain; clock: Clock; timeoutMs: number; channel: () => Channel },
): Peers {
  const { domain, clock, timeoutMs } = context
  const known = new Map<string, { keys: ChannelKeys | undefined; askedMs: number }>()
  const find = (address: Address) =>
    peers.find((peer) => peer.address.toLowerCase() === address.toLowerCase())

  async function introduced(peer: PeerAddress, isStale: boolean): Promise<ChannelKeys | undefined> {
    const name = peer.address.toLowerCase()
    const had = known.get(name)
    const pauseMs = had?.keys === undefined ? retryMs : introductionMs
    const isRecent = had !== undefined && clock.nowMs() - had.askedMs < pauseMs
    if (isRecent || (had?.keys !== undefined && !isStale)) return had.keys
    // Before the answer, so that nobody can have a peer that is down asked again and again.
    known.set(name, { keys: had?.keys, askedMs: clock.nowMs() })
    const nonce = crypto.randomUUID()
    const answer = await fetchJson(`${peer.url}/v1/introduction?nonce=${nonce}`, timeoutMs)
    const { address } = peer
    const keys = (await parseIntroduction(domain, answer, { address, nonce })) ?? had?.keys
    known.set(name, { keys, askedMs: clock.nowMs() })
    return keys
  }

  async function askOnce(peer: PeerAddress, body: unknown): Promise<unknown> {
    const { text, id } = await context.channel().seal(body, peer.address)
    const response = await fetchText(`${peer.url}/peer`, text, timeoutMs)
    const answer = await context.channel().open(response)
    if (answer.re !== id || answer.from.toLowerCase() !== peer.address.toLowerCase()) {
      throw new PeerUnreachable('it answered something else')
    }
    return answer.body
  }

  return {
    addresses: peers.map(({ address }) => address),
    async keysOf(address) {
      const peer = find(address)
      return peer === undefined ? undefined : introduced(peer, false).catch(() => undefined)
    },
    async ask(address, body) {
      const peer = find(address)
      if (peer === undefined) throw new PeerUnreachable(`${address} is not among the peers`)
      try {
        return await askOnce(peer, body)
      } catch (first) {
        // A verifier that was set up anew has other keys, and cannot read what is sealed to the old ones.
        const before = known.get(peer.address.toLowerCase())?.keys
        const now = await introduced(peer, true).catch(() => undefined)
        if (now === undefined || before === undefined || now.box === before.box) {
          throw unreachable(peer, first)
        }
        return await askOnce(peer, body).catch((again: unknown) => {
          throw unreachable(peer, again)
        })
      }
    },
  }
}

function unreachable({ address }: PeerAddress, cause: unknown): PeerUnreachable {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new PeerUnreachable(`verifier ${address} did not answer: ${reason}`, { cause })
}

async function fetchJson(url: string, timeoutMs: number): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: 'manual' })
  if (!response.ok) throw new PeerUnreachable(`it answered with status ${response.status}`)
  return JSON.parse(await limitedText(response))
}

async function fetchText(url: string, body: string, timeoutMs: number): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/jose' },
    signal: AbortSignal.timeout(timeoutMs),
    redirect: 'manual',
  })
  if (!response.ok) throw new PeerUnreachable(`it answered with status ${response.status}`)
  return limitedText(response)
}

/** What a peer sends may be anything, and of any length. */
async function limitedText(response: Response): Promise<string> {
  const { body } = response
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > messageBytesMax) throw new PeerUnreachable('its answer is too long')
  }
  return text
}
