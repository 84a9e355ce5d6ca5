import { type DigestSigner, recoverSigner } from '@mooring/onchain/digest-signer'
import { createSessionKey, sessionIdOf, sessionTokenOf } from '@mooring/onchain/relay-sessions'
import {
  type RelayDomain,
  sessionGrantData,
  sessionOfferData,
} from '@mooring/onchain/relay-statements'
import {
  type SessionGrant,
  type SessionOffer,
  sessionLeewaySeconds,
} from '@mooring/protocol/relays/sessions'
import type { Clock } from '@mooring/telemetry/clock'
import { z } from 'zod'
import type { ChainTerms } from '../chain/terms.ts'
import type { AgentConfig } from '../config.ts'
import type { Events } from '../events.ts'
import { Refusal } from '../refusal.ts'
import type { Sessions } from './sessions.ts'

export type SessionDeskContext = {
  config: Pick<AgentConfig, 'nodeId' | 'sessionSeconds' | 'sessionsPerGatewayMax'>
  domain: RelayDomain
  signer: DigestSigner
  sessions: Sessions
  /** What the contracts say; undefined while that is not known well enough. */
  terms: () => ChainTerms | undefined
  clock: Clock
  events: Events
}

/** The form in which a hash is written matters: the same one in other letters would be another nonce. */
const hash = z.string().regex(/^0x[0-9a-f]{64}$/)
const offerSchema = z.strictObject({
  nodeId: z.string().regex(/^[1-9][0-9]{0,18}$/),
  gateway: z.string().regex(/^0x[0-9a-f]{40}$/),
  key: hash,
  issuedAt: z.int().positive(),
  nonce: hash,
  signature: z.string().regex(/^0x[0-9a-f]{130}$/),
})

/** Opens sessions for members of the set of gateways. */
export class SessionDesk {
  readonly #context: SessionDeskContext
  /** Nonces of offers that could still be taken, and until when; by the wall clock, as offers are. */
  readonly #nonces = new Map<string, number>()

  constructor(context: SessionDeskContext) {
    this.#context = context
  }

  /** Throws a `Refusal`. */
  open(text: string): SessionGrant {
    const offer = parseOffer(text)
    try {
      this.#check(offer)
      return this.#grant(offer)
    } catch (error) {
      if (error instanceof Refusal) this.#context.events.sessionRefused(error.code, offer.gateway)
      throw error
    }
  }

  #check(offer: SessionOffer): void {
    const { config, domain, terms, clock } = this.#context
    if (offer.nodeId !== config.nodeId) {
      throw new Refusal('other-node', `this is node ${config.nodeId}`)
    }
    const nowSeconds = clock.wallMs() / 1_000
    if (Math.abs(nowSeconds - offer.issuedAt) > sessionLeewaySeconds) {
      const now = Math.floor(nowSeconds)
      throw new Refusal('wrong-time', `the offer is of ${offer.issuedAt}, and here it is ${now}`)
    }
    const known = terms()
    if (known === undefined) {
      throw new Refusal('chain-away', 'who may be a gateway cannot be read at present')
    }
    if (!known.gateways.has(offer.gateway)) {
      throw new Refusal('no-member', `${offer.gateway} is no member of the set of gateways`)
    }
    if (recoverSigner(sessionOfferData(domain, offer).digest, offer.signature) !== offer.gateway) {
      throw new Refusal('wrong-signature', 'the offer is not signed by the gateway it names')
    }
    // After the signature: otherwise anybody could use up the nonces, and the sessions, of a gateway.
    this.#useNonce(offer.nonce, nowSeconds)
  }

  #useNonce(nonce: string, nowSeconds: number): void {
    for (const [used, untilSeconds] of this.#nonces) {
      if (untilSeconds >= nowSeconds) break
      this.#nonces.delete(used)
    }
    if (this.#nonces.has(nonce)) throw new Refusal('replayed', 'the nonce of the offer was used')
    // An offer that is ahead of this clock is taken for twice the leeway.
    this.#nonces.set(nonce, nowSeconds + 2 * sessionLeewaySeconds + 1)
  }

  #grant(offer: SessionOffer): SessionGrant {
    const { config, domain, signer, sessions, clock, events } = this.#context
    const own = createSessionKey()
    const session = sessionIdOf({ offer, key: own.publicKey })
    const token = tokenOf(own, offer, session)
    const expiresAt = Math.floor(clock.wallMs() / 1_000) + config.sessionSeconds
    const untilMs = clock.nowMs() + config.sessionSeconds * 1_000
    const { nodeId, gateway, key: offered } = offer
    const grant = { nodeId, gateway, offered, key: own.publicKey, session, expiresAt }
    const signature = signer.sign(sessionGrantData(domain, grant).digest)
    sessions.makeRoom(gateway, config.sessionsPerGatewayMax)
    sessions.add({ id: session, gateway, token, untilMs })
    events.opened(gateway, expiresAt)
    return { ...grant, signature }
  }
}

function tokenOf(
  own: ReturnType<typeof createSessionKey>,
  { key: other }: SessionOffer,
  session: SessionGrant['session'],
): string {
  try {
    return sessionTokenOf({ own, other, session })
  } catch {
    throw new Refusal('malformed', '`key` is no X25519 public key')
  }
}

function parseOffer(text: string): SessionOffer {
  try {
    const parsed = offerSchema.safeParse(JSON.parse(text))
    // Their form was looked at.
    if (parsed.success) return parsed.data as SessionOffer
    const names = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new Refusal('malformed', names.join('; '))
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('malformed', 'the body is no JSON')
  }
}
