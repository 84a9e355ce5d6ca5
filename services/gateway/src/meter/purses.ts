import type { MarketError } from '@mooring/protocol/market-error'
import type {
  LeaseClaim,
  LeaseGrant,
  PostAnswer,
  Purse as PurseName,
} from '@mooring/protocol/metering/wire'
import { leaseClaimsMax } from '@mooring/protocol/metering/wire'
import type { Payer } from './payer.ts'
import { Purse } from './purse.ts'
import { ledgerAway, tooManyPurses } from './refusals.ts'

/** Purses held at once. */
const pursesMax = 50_000
/** How long a request waits for credits, at most. */
const waitMsMax = 5_000

export type PursesContext = {
  /** Called when requests wait for credits, or the ledger wants some back: the next post cannot wait. */
  onUrgent: () => void
}

/** All purses of this gateway, and until when what is in them is leased to it. */
export class Purses {
  readonly #onUrgent: () => void
  readonly #purses = new Map<string, Purse>()
  #touched: Purse[] = []
  /** Named in a post that is not answered yet. */
  readonly #asking = new Set<Purse>()
  #leasedUntilMs = Number.NEGATIVE_INFINITY
  readonly #touch = (purse: Purse) => {
    if (purse.isTouched) return
    purse.isTouched = true
    this.#touched.push(purse)
  }

  constructor({ onUrgent }: PursesContext) {
    this.#onUrgent = onUrgent
  }

  get size(): number {
    return this.#purses.size
  }

  get waiting(): number {
    let waiting = 0
    for (const purse of this.#purses.values()) waiting += purse.waiting
    return waiting
  }

  /** By the clock that never steps back. */
  get leasedUntilMs(): number {
    return this.#leasedUntilMs
  }

  /** Whether the ledger may have to hear of any. */
  get isTouched(): boolean {
    return this.#touched.length > 0 || this.#asking.size > 0
  }

  values(): IterableIterator<Purse> {
    return this.#purses.values()
  }

  /** Undefined for whoever pays nothing. Throws OVERLOADED when there are too many. */
  of(payer: Payer, nowMs: number): Purse | undefined {
    const { purse, account } = payer
    if (purse !== undefined && !purse.isClosed) return purse
    if (account === null) return undefined
    const name = { account, key: payer.ownPurse ? payer.key : '' }
    const found = this.#purses.get(nameOf(name)) ?? this.#open(name, nowMs)
    payer.purse = found
    // Cells know the purse that they were made with.
    payer.cells = undefined
    return found
  }

  /**
   * Sets a price aside: at once where it is left, later where the ledger must be asked first.
   *
   * @returns A promise where it is waited for. Throws or rejects with PAYMENT_REQUIRED, UNAUTHENTICATED where the account
   * is frozen, LEDGER_AWAY.
   */
  reserve(purse: Purse, price: number, nowMs: number): Promise<void> | undefined {
    const isLeased = nowMs < this.#leasedUntilMs
    if (isLeased && purse.reserve(price)) return undefined
    if (!isLeased) throw ledgerAway()
    const waiting = purse.wait(price, { nowMs, untilMs: nowMs + waitMsMax })
    this.#onUrgent()
    return waiting
  }

  /** The ledger has heard of this gateway. @param sentMs - When what it answers was sent. */
  renew(sentMs: number, leaseMs: number): void {
    this.#leasedUntilMs = Math.max(this.#leasedUntilMs, sentMs + leaseMs)
  }

  /**
   * What is leased may be the ledger's again by the time it reads the next post, so none of it is used any more.
   *
   * @param posted - What the frames of that post charge.
   */
  forfeit(posted: ReadonlyMap<Purse, number>): void {
    for (const purse of this.#purses.values()) purse.forfeit(posted.get(purse) ?? 0)
  }

  /**
   * Claims for the next post. Those of a post that was not answered are made again: what counts is what is held now.
   *
   * @param posted - What its frames charge.
   */
  claims(posted: ReadonlyMap<Purse, number>, nowMs: number): LeaseClaim[] {
    const room = leaseClaimsMax - this.#asking.size
    const taken = this.#touched.slice(0, room)
    this.#touched = this.#touched.slice(room)
    for (const purse of taken) {
      purse.isTouched = false
      this.#asking.add(purse)
    }
    const claims: LeaseClaim[] = []
    for (const purse of this.#asking) {
      const claim = purse.claim(posted.get(purse) ?? 0, nowMs)
      if (claim === undefined) this.#asking.delete(purse)
      else claims.push(claim)
    }
    return claims
  }

  answered({ grants, recalls }: Pick<PostAnswer, 'grants' | 'recalls'>, nowMs: number): void {
    const named = new Map(grants.map((grant) => [nameOf(grant), grant]))
    for (const purse of this.#asking) this.#grant(purse, named.get(nameOf(purse)), nowMs)
    this.#asking.clear()
    let isUrgent = this.#touched.some(({ waiting }) => waiting > 0)
    for (const name of recalls) {
      const purse = this.#purses.get(nameOf(name))
      if (purse === undefined || purse.left <= 0) continue
      purse.recall()
      isUrgent = true
    }
    if (isUrgent) this.#onUrgent()
  }

  /** Lets go who has waited too long, gives back what nobody uses and drops what is empty. */
  sweep(nowMs: number): void {
    const isLeased = nowMs < this.#leasedUntilMs
    let isUrgent = false
    for (const [name, purse] of this.#purses) {
      if (purse.waiting > 0 && !isLeased) purse.refuse(ledgerAway())
      if (purse.waiting > 0) {
        purse.expire(ledgerAway(), nowMs)
        isUrgent ||= purse.waiting > 0
      }
      if (!purse.isIdle(nowMs) || purse.isTouched || purse.isNamed) continue
      if (!purse.isEmpty) this.#touch(purse)
      else this.#drop(name, purse)
    }
    if (isUrgent) this.#onUrgent()
  }

  /** Another epoch: nothing is leased to it yet, and the frames of the one before are told by other means. */
  startAnew(): void {
    this.#leasedUntilMs = Number.NEGATIVE_INFINITY
    this.#asking.clear()
    for (const purse of this.#purses.values()) {
      purse.isNamed = false
      purse.leaveCharges()
    }
  }

  /** Nothing is leased any more, and nobody waits. */
  end(error: MarketError): void {
    this.#leasedUntilMs = Number.NEGATIVE_INFINITY
    for (const purse of this.#purses.values()) purse.refuse(error)
  }

  #grant(purse: Purse, grant: LeaseGrant | undefined, nowMs: number): void {
    if (grant !== undefined) purse.grant(grant, nowMs)
    purse.answered()
  }

  #open(name: PurseName, nowMs: number): Purse {
    if (this.#purses.size >= pursesMax) this.#makeRoom()
    if (this.#purses.size >= pursesMax) throw tooManyPurses()
    const purse = new Purse(name, { touch: this.#touch, nowMs })
    this.#purses.set(nameOf(name), purse)
    return purse
  }

  /** The oldest that nothing would be lost with. */
  #makeRoom(): void {
    for (const [name, purse] of this.#purses) {
      if (!purse.isEmpty || purse.isTouched || purse.isNamed) continue
      this.#drop(name, purse)
      return
    }
  }

  #drop(name: string, purse: Purse): void {
    purse.isClosed = true
    this.#purses.delete(name)
  }
}

/** No account and no key has a space in it. */
function nameOf({ account, key }: PurseName): string {
  return `${account} ${key}`
}
