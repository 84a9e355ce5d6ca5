import type { MarketError } from '@mooring/protocol/market-error'
import { type LeaseClaim, type LeaseGrant, leaseCreditsMax } from '@mooring/protocol/metering/wire'
import { notGranted } from './refusals.ts'
import { SpendRate } from './spend-rate.ts'

/** What a purse aims to hold: so long of what is spent at present, and never less than so much. */
const heldMs = 10_000
export const heldCreditsMin = 2_000
/** Nobody has spent from it for so long: what it holds is given back. */
export const idleMs = 30_000
/** Nothing was granted: for so long the ledger is not asked again. */
const refusedMs = 1_000

type Waiter = {
  price: number
  untilMs: number
  resolve: () => void
  reject: (error: MarketError) => void
}

/**
 * What this gateway holds of the credits of one account, or of one key with a limit of its own. Of what is leased a part
 * is charged in frames that the ledger has not confirmed, a part is set aside for requests that are not answered yet, and
 * the rest is left.
 */
export class Purse {
  readonly account: string
  readonly key: string
  /** Called when something has changed that the ledger may have to hear of. */
  readonly #touch: (purse: Purse) => void
  /** Granted, without what the ledger has confirmed as charged and what was given back. */
  #leased = 0
  /** Charged in frames that are not confirmed. */
  #charged = 0
  #reserved = 0
  #waiting: Waiter[] = []
  #waitingCredits = 0
  /** What costs so much is not granted, as the ledger has said a moment ago. */
  #refusal: { error: MarketError; priceMin: number; untilMs: number } | undefined
  /** What whoever waits is told when it has waited too long; undefined where the ledger says nothing. */
  #waitError: MarketError | undefined
  /** What the first in the queue needed when the ledger was last asked. */
  #askedPrice = 0
  #isRecalled = false
  readonly #rate: SpendRate
  #usedMs: number
  /** Whether it stands on the list of those to be looked at before the next post. */
  isTouched = false
  /** Whether it was named in a post that is not answered yet, so that the next try must name it too. */
  isNamed = false
  /** Dropped: whoever still knows it must look it up again. */
  isClosed = false
  /** What the account, or the key for today, has beside all leases; undefined until the ledger has told. */
  ledgerLeft: bigint | undefined

  constructor(
    { account, key }: Pick<Purse, 'account' | 'key'>,
    { touch, nowMs }: { touch: (purse: Purse) => void; nowMs: number },
  ) {
    this.account = account
    this.key = key
    this.#touch = touch
    this.#rate = new SpendRate(nowMs)
    this.#usedMs = nowMs
  }

  /** What may still be set aside. Below zero only when leases have ended while requests were on their way. */
  get left(): number {
    return this.#leased - this.#charged - this.#reserved
  }

  get held(): { leased: number; charged: number; reserved: number } {
    return { leased: this.#leased, charged: this.#charged, reserved: this.#reserved }
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Credits charged at present. */
  get spentPerMs(): number {
    return this.#rate.perMs
  }

  /** Whether nothing would be lost with it. */
  get isEmpty(): boolean {
    const { leased, charged, reserved } = this.held
    return leased === 0 && charged === 0 && reserved === 0 && this.#waiting.length === 0
  }

  /** Sets a price aside; false where there is not enough, or others wait for what there is. */
  reserve(price: number): boolean {
    if (this.#waiting.length > 0 || this.left < price) return false
    this.#reserved += price
    if (!this.isTouched) this.#touch(this)
    return true
  }

  /**
   * Waits until a price is set aside. Rejects with the refusal when the ledger does not grant it; throws it where that is
   * known already.
   */
  wait(price: number, { nowMs, untilMs }: { nowMs: number; untilMs: number }): Promise<void> {
    if (this.#isRefused(price, nowMs)) throw this.#refusal!.error
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ price, untilMs, resolve, reject })
    this.#waitingCredits += price
    this.#touch(this)
    return promise
  }

  /** @param charged - At most the price that was set aside; the rest is left again. */
  settle(price: number, charged: number): void {
    this.#reserved -= price
    this.#charged += charged
    this.#rate.spent += charged
    if (!this.isTouched) this.#touch(this)
    if (this.#waiting.length > 0) this.#serve()
  }

  /** What was charged is not: its frame could not be written, and what it paid for was not delivered. */
  revert(charged: number): void {
    this.#charged -= charged
    if (this.#waiting.length > 0) this.#serve()
  }

  /** The ledger has charged it too: to the lease as far as that went, and to the account beyond it. */
  confirm(charged: number): void {
    this.#leased = Math.max(0, this.#leased - charged)
    this.#charged -= charged
  }

  /** Its epoch has ended, and its leases with it. Other hands tell the ledger what its frames charge. */
  leaveCharges(): void {
    this.#charged = 0
    this.forfeit(0)
  }

  /**
   * Its lease has ended: it is the ledger's again but for what the frames of the next post charge. What is on its way is
   * paid out of the next lease.
   */
  forfeit(posted: number): void {
    if (this.#leased === posted) return
    this.#leased = posted
    this.#touch(this)
  }

  /** The post in which it was named is answered. What it still waits for is asked for again. */
  answered(): void {
    this.isNamed = false
    if (this.#waiting.length > 0 && this.#waitError === undefined) this.#touch(this)
  }

  recall(): void {
    this.#isRecalled = true
    this.#touch(this)
  }

  /**
   * What the ledger is to be told, once the frames of a post are charged; undefined where nothing has changed. What is
   * given back is gone from here at once: nobody knows whether the post arrives.
   *
   * @param posted - What these frames charge.
   */
  claim(posted: number, nowMs: number): LeaseClaim | undefined {
    const isSpending = this.#rate.spent > 0 || this.#reserved > 0 || this.#waiting.length > 0
    if (isSpending) this.#usedMs = nowMs
    this.#rate.observe(nowMs)
    const isIdle = nowMs - this.#usedMs >= idleMs
    const givesBack = this.#isRecalled || isIdle ? Math.max(0, this.left) : 0
    this.#leased -= givesBack
    const wants = isIdle ? 0 : this.#wants(nowMs)
    this.#isRecalled = false
    // The first must get what it needs; who comes behind it asks again.
    this.#askedPrice = this.#waiting[0]?.price ?? 0
    const needs = Math.max(0, this.#askedPrice - this.left)
    if (givesBack === 0 && wants === 0 && !this.isNamed) return undefined
    this.isNamed = true
    // Frames may charge more than is leased when they charge what was on its way as a lease ended.
    const holds = Math.max(0, this.#leased - posted)
    return { account: this.account, key: this.key, holds, wants, needs }
  }

  /** What the ledger answers to a claim. */
  grant({ granted, left, reason, retryAfterMs }: LeaseGrant, nowMs: number): void {
    this.#leased += granted
    this.ledgerLeft = BigInt(left)
    this.#waitError = undefined
    this.#serve()
    if (reason === null) return
    const error = notGranted(reason, { retryAfterMs })
    // Others are asked to give back what they do not need, and deposits are credited: both take a moment.
    if (reason === 'reserved' || reason === 'uncredited') this.#waitError = error
    else this.#refuseFrom(reason === 'frozen' ? 0 : this.#askedPrice, error, nowMs)
  }

  /** Lets go whoever waits for as much as was not granted, or for more. */
  #refuseFrom(priceMin: number, error: MarketError, nowMs: number): void {
    this.#refusal = { error, priceMin, untilMs: nowMs + refusedMs }
    this.#keepWaiting(({ price }) => price < priceMin, error)
  }

  #keepWaiting(stays: (waiter: Waiter) => boolean, error: MarketError): void {
    const gone = this.#waiting.filter((waiter) => !stays(waiter))
    if (gone.length === 0) return
    this.#waiting = this.#waiting.filter(stays)
    this.#waitingCredits = sumOf(this.#waiting)
    for (const { reject } of gone) reject(error)
    this.#serve()
  }

  /** Nobody waits any longer. */
  refuse(error: MarketError): void {
    this.#keepWaiting(() => false, error)
  }

  /** Lets go whoever has waited too long, and asks again for the others. */
  expire(error: MarketError, nowMs: number): void {
    this.#keepWaiting(({ untilMs }) => nowMs < untilMs, this.#waitError ?? error)
    if (this.#waiting.length > 0) this.#touch(this)
  }

  isIdle(nowMs: number): boolean {
    return nowMs - this.#usedMs >= idleMs
  }

  #isRefused(price: number, nowMs: number): boolean {
    if (this.#refusal === undefined) return false
    return price >= this.#refusal.priceMin && nowMs < this.#refusal.untilMs
  }

  #wants(nowMs: number): number {
    const isRefused = this.#isRefused(Number.POSITIVE_INFINITY, nowMs)
    const isWaiting = this.#waiting.length > 0
    if (!isWaiting && (isRefused || this.#isRecalled)) return 0
    const aim = Math.max(heldCreditsMin, Math.ceil(this.#rate.perMs * heldMs))
    // Asked for by halves, so that a purse in steady use is not named in every post.
    if (!isWaiting && this.left >= aim / 2) return 0
    const wants = aim + this.#waitingCredits - this.left
    return Math.min(wants, leaseCreditsMax - this.#leased)
  }

  /** In the order in which they came: a small request must not overtake a large one for ever. */
  #serve(): void {
    let served = 0
    for (const { price, resolve } of this.#waiting) {
      if (this.left < price) break
      this.#reserved += price
      this.#waitingCredits -= price
      served++
      resolve()
    }
    if (served > 0) this.#waiting = this.#waiting.slice(served)
  }
}

function sumOf(waiting: readonly Waiter[]): number {
  return waiting.reduce((sum, { price }) => sum + price, 0)
}
