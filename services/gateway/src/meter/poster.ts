import type { PostAnswer, PostRequest } from '@mooring/protocol/metering/wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { Batch, Batches } from './batch.ts'
import { type Ledger, ledgerTimeoutMs } from './ledger.ts'
import type { Purses } from './purses.ts'
import type { Tariff } from './tariff.ts'

/** Between two posts, however urgent the second is: what comes meanwhile goes along with it. */
const pauseMs = 5
/** After a post that failed; doubled with each, up to the second. */
const retryMsMin = 100
const retryMsMax = 2_000
/** How many posts a lease outlives. */
const postsPerLease = 3

export type Epoch = { instance: string; epoch: number; leaseMs: number; postMs: number }

/** `isTaken`: whether the ledger takes frames of the epoch all the same. */
export type EpochEnd = { isTaken: boolean; why: string }

export type PosterContext = {
  clock: Clock
  events: Events
  ledger: Ledger
  purses: Purses
  batches: Batches
  tariff: Tariff
  /** Writes what was counted and is in no frame yet. */
  flush: () => void
  /** Whether something was counted and is in no frame yet. */
  isDirty: () => boolean
  /** Frames up to this one are in the books. */
  onConfirmed: (last: number) => void
  /** Another process has begun under this name. */
  onFenced: () => void
}

/** Tells the ledger what one epoch uses and asks it for credits; one post at a time. */
export class Poster {
  readonly #context: PosterContext
  readonly #epoch: Epoch
  /** Nothing is due before; it moves on with every post. */
  #earliestMs: number
  #regularMs: number
  #heartbeatMs: number
  #isUrgent = false
  #isFenced = false
  #isClosing = false
  #failures = 0
  #confirmed = 0
  /** Of the last try. */
  #number = 0
  #sleeping = new AbortController()

  constructor(epoch: Epoch, context: PosterContext) {
    const nowMs = context.clock.nowMs()
    this.#epoch = epoch
    this.#context = context
    this.#earliestMs = nowMs
    this.#regularMs = nowMs + epoch.postMs
    this.#heartbeatMs = nowMs + epoch.leaseMs / postsPerLease
  }

  get confirmed(): number {
    return this.#confirmed
  }

  get isFenced(): boolean {
    return this.#isFenced
  }

  /** The next post is due at once. */
  wake(): void {
    this.#isUrgent = true
    this.#sleeping.abort()
  }

  /**
   * Posts until it is stopped or the signal ends it.
   *
   * @returns Why another epoch must begin, where it must.
   */
  async run(signal: AbortSignal): Promise<EpochEnd | undefined> {
    const { clock } = this.#context
    const end = () => this.#sleeping.abort()
    signal.addEventListener('abort', end)
    try {
      while (!signal.aborted && !this.#isClosing) {
        const waitMs = this.#dueMs() - clock.nowMs()
        if (waitMs > 0) await this.#sleep(waitMs)
        else {
          const end = await this.#post({ closes: false })
          if (end !== undefined) return end
        }
      }
    } finally {
      signal.removeEventListener('abort', end)
    }
    return undefined
  }

  /** No frame comes any more: tells the ledger the rest. @returns Whether all of it is in the books. */
  async close(untilMs: number): Promise<boolean> {
    const { clock, batches } = this.#context
    this.#isClosing = true
    while (clock.nowMs() < untilMs) {
      const waitMs = this.#earliestMs - clock.nowMs()
      if (waitMs > 0) await clock.sleep(waitMs)
      const end = await this.#post({ closes: true })
      if (end !== undefined) return false
      if (this.#failures === 0 && batches.isEmpty) return true
    }
    return false
  }

  /** `run` returns after the post that is under way. */
  stop(): void {
    this.#isClosing = true
    this.#sleeping.abort()
  }

  #dueMs(): number {
    const { purses, batches, isDirty } = this.#context
    if (this.#isUrgent) return this.#earliestMs
    const hasNews = !batches.isEmpty || isDirty() || (purses.isTouched && !this.#isFenced)
    // Without a lease to keep there is nothing to say at regular times.
    const heartbeatMs = this.#isFenced ? Number.POSITIVE_INFINITY : this.#heartbeatMs
    const wantedMs = hasNews ? Math.min(this.#regularMs, heartbeatMs) : heartbeatMs
    return Math.max(this.#earliestMs, wantedMs)
  }

  async #sleep(waitMs: number): Promise<void> {
    this.#sleeping = new AbortController()
    // Whoever counts does not wake anybody, so news are looked for at the pace at which they are posted.
    await this.#context.clock.sleep(Math.min(waitMs, this.#epoch.postMs), this.#sleeping.signal)
  }

  async #post({ closes }: { closes: boolean }): Promise<EpochEnd | undefined> {
    const { clock, events, ledger, batches, tariff, flush } = this.#context
    flush()
    const batch = batches.next()
    this.#isUrgent = false
    const sentMs = clock.nowMs()
    const outcome = await ledger.post(this.#requestOf(batch, { closes, sentMs }))
    const nowMs = clock.nowMs()
    this.#regularMs = nowMs + this.#epoch.postMs
    this.#heartbeatMs = sentMs + this.#epoch.leaseMs / postsPerLease
    if (outcome.kind === 'refusal' && outcome.refusal.error !== 'malformed') {
      const { error, last, detail } = outcome.refusal
      return { isTaken: false, why: `${error} after frame ${last}: ${detail}` }
    }
    if (outcome.kind !== 'answer') {
      this.#failed(outcome.kind === 'failed' ? outcome.why : outcome.refusal.detail, nowMs)
      return undefined
    }
    if (outcome.answer.last < batch.to) {
      this.#failed('it says that fewer frames are in the books than it was sent', nowMs)
      return undefined
    }
    this.#failures = 0
    this.#earliestMs = nowMs + pauseMs
    events.ledgerAnswered()
    tariff.tell(outcome.answer.prices, nowMs)
    return this.#answered(batch, outcome.answer, sentMs)
  }

  #requestOf(batch: Batch, { closes, sentMs }: { closes: boolean; sentMs: number }): PostRequest {
    const { purses, batches } = this.#context
    const { instance, epoch, leaseMs } = this.#epoch
    // By the time it is read they may have ended.
    const marginMs = Math.min(ledgerTimeoutMs, leaseMs / postsPerLease)
    if (sentMs >= purses.leasedUntilMs - marginMs) purses.forfeit(batch.charges)
    const isLast = closes && batches.isLast(batch)
    const leases = this.#isFenced || isLast ? [] : purses.claims(batch.charges, sentMs)
    const { from, to, usage } = batch
    return { instance, epoch, number: ++this.#number, from, to, usage, leases, closes: isLast }
  }

  #answered(batch: Batch, answer: PostAnswer, sentMs: number): EpochEnd | undefined {
    const { purses, batches, clock, onConfirmed } = this.#context
    batches.confirm()
    for (const [purse, credits] of batch.charges) purse.confirm(credits)
    this.#confirmed = batch.to
    onConfirmed(batch.to)
    if (answer.state !== 'live') return this.#ended(answer.state)
    purses.renew(sentMs, this.#epoch.leaseMs)
    purses.answered(answer, clock.nowMs())
    return undefined
  }

  /**
   * An epoch that the ledger has closed for its silence may be followed by another. One that has lost its name to another
   * process may not, for to take the name back would be to and fro without end.
   */
  #ended(state: 'closed' | 'fenced'): EpochEnd | undefined {
    if (this.#isClosing || this.#isFenced) return undefined
    if (state === 'closed') return { isTaken: true, why: 'it was silent for too long' }
    this.#isFenced = true
    this.#context.onFenced()
    return undefined
  }

  #failed(why: string, nowMs: number): void {
    const { events } = this.#context
    events.ledgerSilent(why)
    const retryMs = Math.min(retryMsMin * 2 ** this.#failures, retryMsMax)
    this.#failures++
    this.#earliestMs = nowMs + retryMs
    // The very same frames wait to be sent again.
    this.#isUrgent = true
  }
}
