import type { Hex } from '@mooring/protocol/relays/sessions'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import { ServedRelays } from '../relays/served-relays.ts'

/** A gateway that may send relays, for as long as it lives. */
export type Session = {
  id: Hex
  /** In lower case. */
  gateway: string
  /** What its requests bear. */
  token: string
  /** By the clock that never steps back. */
  untilMs: number
  /** What was served and has no receipt yet, by chain. */
  served: ReadonlyMap<string, ServedRelays>
}

export type SessionsContext = {
  clock: Clock
  events: Events
  chains: readonly string[]
}

/** The sessions that live. They are kept in memory alone: a token outlives no process. */
export class Sessions {
  readonly #context: SessionsContext
  /**
   * By token. A look-up compares whole texts of 256 bits of chance after their hashes, so that the time it takes tells
   * nothing of use.
   */
  readonly #byToken = new Map<string, Session>()
  readonly #byId = new Map<string, Session>()

  constructor(context: SessionsContext) {
    this.#context = context
  }

  get size(): number {
    return this.#byId.size
  }

  /** Ends the oldest sessions of a gateway: one that was killed and started often does not lock itself out. */
  makeRoom(gateway: string, max: number): void {
    const own = this.all().filter((session) => session.gateway === gateway)
    for (const oldest of own.slice(0, Math.max(0, own.length - max + 1))) {
      this.#end(oldest)
      this.#context.events.ended(gateway, 'replaced')
    }
  }

  add(session: Omit<Session, 'served'>): void {
    const served = new Map(this.#context.chains.map((chain) => [chain, new ServedRelays()]))
    const whole = { ...session, served }
    this.#byToken.set(session.token, whole)
    this.#byId.set(session.id, whole)
  }

  /** @param token - The value of the header. */
  find(token: string | null): Session | undefined {
    const session = token === null ? undefined : this.#byToken.get(token)
    if (session === undefined || this.#context.clock.nowMs() < session.untilMs) return session
    return undefined
  }

  /** It may have ended a moment ago: what it has served may still get its receipt. */
  findById(id: string): Session | undefined {
    return this.#byId.get(id)
  }

  all(): readonly Session[] {
    return [...this.#byId.values()]
  }

  /**
   * Ends sessions whose time is over, and those of gateways that are none any more.
   *
   * @param graceMs - For so long after its time a session may still get receipts.
   */
  review(gateways: ReadonlySet<string> | undefined, graceMs: number): void {
    const nowMs = this.#context.clock.nowMs()
    for (const session of this.#byId.values()) {
      const isMember = gateways === undefined || gateways.has(session.gateway)
      const isOver = nowMs >= session.untilMs + graceMs
      if (isMember && !isOver) continue
      this.#end(session)
      this.#context.events.ended(session.gateway, isMember ? 'expired' : 'leftTheSet')
    }
  }

  #end(session: Session): void {
    this.#byToken.delete(session.token)
    this.#byId.delete(session.id)
    for (const [chain, served] of session.served) {
      this.#context.events.unaccepted(chain, served.size)
    }
  }
}
