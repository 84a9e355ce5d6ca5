import { ClientKeys } from '@mooring/market/quotas/client-keys'
import { relayHeaders } from '@mooring/protocol/relays/sessions'
import type { Access, ShownCredential } from '../access/access.ts'
import { credentialOf } from '../access/credentials.ts'
import type { Grant } from '../access/grant.ts'
import { unknownKey } from '../access/refusals.ts'
import { assertMayArrive } from '../access/restrictions.ts'
import type { Caller } from '../exchange.ts'
import type { Served } from '../served.ts'
import type { RequestHead } from './request-head.ts'
import { pathOf, type Route } from './route.ts'

/** All that follows from the head of a request and from where it came. */
export type Arrival = {
  served: Served
  peer: string
  chainName: string
  /** While nobody knows whose the key is, the address that it came from. */
  caller: Caller
  keepTrace: boolean
  /** Whether the consumer is told what its requests cost. */
  showCredits: boolean
  /** Whether the consumer wants the answer signed by the node that gives it. */
  wantsSignature: boolean
  /** What the caller rests on, where that may end while the same head is sent on. */
  grant: Grant | undefined
  /** Resolves to the same arrival with the caller that was found; rejects with the refusal. */
  pending: Promise<Arrival> | undefined
}

export type ArrivalsContext = {
  /** Undefined where keys of the configuration are all there are. */
  access: Access | undefined
  isSpent: (caller: Caller) => boolean
}

type RpcRoute = Route & { kind: 'rpc' }
export type Origin = {
  served: Served
  /** Address of the connection. */
  peer: string
  /** Takes a request from a caller's budget, and tells its consumer what is left. Throws RATE_LIMITED. */
  admit: (caller: Caller) => void
}

/**
 * Tells from its head who sends a request. What is known is told at once; a key that is not is looked up while the body
 * arrives, on the budget of the address that sent it: random keys cost whoever sends them what requests without a key
 * do, and nobody else anything.
 */
export class Arrivals {
  readonly #context: ArrivalsContext
  readonly #clientKeys = new ClientKeys()
  readonly #known = new WeakMap<RequestHead, Arrival>()

  constructor(context: ArrivalsContext) {
    this.#context = context
  }

  /** What the same head told before, as long as it holds. */
  recall(head: RequestHead, served: Served, peer: string): Arrival | undefined {
    const arrival = this.#known.get(head)
    if (arrival === undefined || arrival.served !== served || arrival.peer !== peer)
      return undefined
    return arrival.grant === undefined || this.#holds(arrival, arrival.grant) ? arrival : undefined
  }

  /** The caller without a key. */
  communityOf({ headers }: RequestHead, { served, peer }: Pick<Origin, 'served' | 'peer'>): Caller {
    const { callers, config } = served
    const forwardedFor = headers.get('x-forwarded-for')
    return callers.community(this.#clientKeys.keyOf(peer, forwardedFor, config.trustedProxyHops))
  }

  /** Throws what stands against the request, or against its key. */
  arrive(head: RequestHead, route: RpcRoute, origin: Origin): Arrival {
    const { served, peer } = origin
    const community = this.communityOf(head, origin)
    const arrival: Arrival = {
      served,
      peer,
      chainName: route.chain,
      caller: community,
      keepTrace: head.headers.get('x-mooring-trace') !== undefined,
      showCredits: head.headers.get('x-mooring-credits') !== undefined,
      wantsSignature: head.headers.get(relayHeaders.sign) === '1',
      grant: undefined,
      pending: undefined,
    }
    const credential = credentialOf(route.key, head.headers)
    if (credential.kind === 'none') return this.#remember(head, arrival)
    const configured =
      credential.key === undefined ? undefined : served.callers.withKey(credential.key)
    if (configured !== undefined) return this.#remember(head, { ...arrival, caller: configured })
    const { access } = this.#context
    return access === undefined
      ? refuse(unknownKey(), community, origin)
      : this.#identify(access, { head, credential, arrival, origin })
  }

  #identify(access: Access, asked: Asked): Arrival {
    const { credential, arrival, origin } = asked
    let grant: Grant | undefined
    try {
      grant = access.find(credential)
    } catch (error) {
      refuse(error, arrival.caller, origin)
    }
    if (grant !== undefined) return this.#granted(access, grant, asked)
    origin.admit(arrival.caller)
    const pending = access.lookUp(credential).then((found) => this.#granted(access, found, asked))
    // Whoever goes away before the body is here waits for nothing.
    pending.catch(() => undefined)
    return { ...arrival, pending }
  }

  /** Throws where the grant must not be used in this way; that costs its caller a request. */
  #granted(access: Access, grant: Grant, { head, credential, arrival, origin }: Asked): Arrival {
    const { served, peer, chainName } = arrival
    const caller = served.callers.granted(grant, access.agreements.of(grant.account))
    // A caller with nothing left must not have proofs verified.
    if (this.#context.isSpent(caller)) origin.admit(caller)
    try {
      access.assertMayUse(grant, credential, pathOf(head.target))
    } catch (error) {
      // Without what it is bound to a token may be anybody's: its owner does not pay for that.
      refuse(error, arrival.caller, origin)
    }
    if (caller.restrictions !== undefined) {
      const forwardedFor = head.headers.get('x-forwarded-for')
      const hops = served.config.trustedProxyHops
      const address = this.#clientKeys.addressOf(peer, forwardedFor, hops)
      const arriving = { origin: head.headers.get('origin'), address, chain: chainName }
      try {
        assertMayArrive(caller.restrictions, arriving)
      } catch (error) {
        refuse(error, arrival.caller, origin)
      }
    }
    const granted = { ...arrival, caller, grant }
    // A proof is good for one request.
    const isProven = credential.kind === 'token' && credential.scheme === 'dpop'
    return isProven ? granted : this.#remember(head, granted)
  }

  #holds({ served, caller }: Arrival, grant: Grant): boolean {
    const { access } = this.#context
    if (access === undefined || !access.isGood(grant)) return false
    return served.callers.granted(grant, access.agreements.of(grant.account)) === caller
  }

  #remember(head: RequestHead, arrival: Arrival): Arrival {
    this.#known.set(head, arrival)
    return arrival
  }
}

type Asked = { head: RequestHead; credential: ShownCredential; arrival: Arrival; origin: Origin }

/** A refusal costs as much as a request. Keys are too long to be found by trying. */
function refuse(error: unknown, caller: Caller, { admit }: Origin): never {
  admit(caller)
  throw error
}
