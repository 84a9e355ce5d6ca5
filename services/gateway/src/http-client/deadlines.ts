/** A moment at which something is given up. */
export type Deadline = { readonly bucket: number; readonly expire: () => void }

/**
 * Deadlines of many requests on one timer. They are kept in buckets of a few milliseconds: adding and
 * removing is a set operation, and the timer is set again only when it fires or when an earlier
 * deadline comes in. A deadline is never early and at most one bucket late.
 */
export class Deadlines {
  readonly #clock: { nowMs(): number }
  readonly #buckets = new Map<number, Set<Deadline>>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerBucket = Number.POSITIVE_INFINITY

  constructor(clock: { nowMs(): number }) {
    this.#clock = clock
  }

  /** @param atMs - On the clock's scale. */
  add(atMs: number, expire: () => void): Deadline {
    const deadline = { bucket: Math.ceil(atMs / bucketMs), expire }
    const bucket = this.#buckets.get(deadline.bucket)
    if (bucket === undefined) this.#buckets.set(deadline.bucket, new Set([deadline]))
    else bucket.add(deadline)
    if (deadline.bucket < this.#timerBucket) this.#arm(deadline.bucket)
    return deadline
  }

  remove(deadline: Deadline): void {
    const bucket = this.#buckets.get(deadline.bucket)
    if (bucket === undefined) return
    bucket.delete(deadline)
    if (bucket.size > 0) return
    this.#buckets.delete(deadline.bucket)
    if (this.#buckets.size === 0) this.#disarm()
  }

  /** Forgets every deadline without expiring it. */
  close(): void {
    this.#buckets.clear()
    this.#disarm()
  }

  #arm(bucket: number): void {
    clearTimeout(this.#timer)
    this.#timerBucket = bucket
    const delayMs = bucket * bucketMs - this.#clock.nowMs()
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.max(1, delayMs), delayMsMax))
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#timerBucket = Number.POSITIVE_INFINITY
  }

  #fire(): void {
    this.#disarm()
    const due: Deadline[] = []
    const nowBucket = this.#clock.nowMs() / bucketMs
    for (const [at, bucket] of this.#buckets) if (at <= nowBucket) due.push(...bucket)
    for (const deadline of due) {
      // One that expired before it in this round may have removed it, or closed all.
      if (!this.#buckets.get(deadline.bucket)?.has(deadline)) continue
      this.remove(deadline)
      deadline.expire()
    }
    // What expired may have added or removed others, so the next one is looked for afterwards.
    let next = Number.POSITIVE_INFINITY
    for (const at of this.#buckets.keys()) next = Math.min(next, at)
    if (next < this.#timerBucket) this.#arm(next)
  }
}

const bucketMs = 8
// Timers overflow at 2^31 ms and would fire at once.
const delayMsMax = 86_400_000
