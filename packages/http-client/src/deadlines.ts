/** A moment at which something is given up. */
export type Deadline = { readonly bucket: number; readonly expire: () => void } & Links

/** Its neighbours in its bucket; `list` is undefined once it is removed. */
type Links = {
  list: Bucket | undefined
  previous: Deadline | undefined
  next: Deadline | undefined
}

/** In the order in which they were added. */
type Bucket = { first: Deadline | undefined; last: Deadline | undefined }

/**
 * Deadlines of many requests on one timer. They are kept in buckets of a few milliseconds, each a list
 * linked both ways: adding and removing touches no more than two neighbours, and nearly every deadline
 * is removed long before it comes. The timer is set again only when it fires or when an earlier deadline
 * comes in. A deadline is never early and at most one bucket late.
 */
export class Deadlines {
  readonly #clock: { nowMs(): number }
  readonly #buckets = new Map<number, Bucket>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerBucket = Number.POSITIVE_INFINITY

  constructor(clock: { nowMs(): number }) {
    this.#clock = clock
  }

  /** @param atMs - On the clock's scale. */
  add(atMs: number, expire: () => void): Deadline {
    const at = Math.ceil(atMs / bucketMs)
    const list = this.#bucketAt(at)
    const previous = list.last
    const deadline: Deadline = { bucket: at, expire, list, previous, next: undefined }
    if (previous === undefined) list.first = deadline
    else previous.next = deadline
    list.last = deadline
    if (at < this.#timerBucket) this.#arm(at)
    return deadline
  }

  remove(deadline: Deadline): void {
    const { list, previous, next } = deadline
    if (list === undefined) return
    if (previous === undefined) list.first = next
    else previous.next = next
    if (next === undefined) list.last = previous
    else next.previous = previous
    deadline.list = undefined
    // The bucket and the timer stay: to take them back costs more than to find them empty later.
  }

  /** Forgets every deadline without expiring it. */
  close(): void {
    for (const bucket of this.#buckets.values()) empty(bucket)
    this.#buckets.clear()
    this.#disarm()
  }

  #bucketAt(at: number): Bucket {
    const known = this.#buckets.get(at)
    if (known !== undefined) return known
    const bucket: Bucket = { first: undefined, last: undefined }
    this.#buckets.set(at, bucket)
    return bucket
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
    for (const [at, bucket] of this.#buckets) {
      if (at > nowBucket) continue
      for (let each = bucket.first; each !== undefined; each = each.next) due.push(each)
    }
    // The buckets stand in the order in which they were made.
    due.sort((one, other) => one.bucket - other.bucket)
    for (const deadline of due) {
      // One that expired before it in this round may have removed it, or closed all.
      if (deadline.list === undefined) continue
      this.remove(deadline)
      deadline.expire()
    }
    this.#armNext()
  }

  /** What expired may have added or removed others, so the next one is looked for afterwards. */
  #armNext(): void {
    let next = Number.POSITIVE_INFINITY
    for (const [at, bucket] of this.#buckets) {
      if (bucket.first === undefined) this.#buckets.delete(at)
      else next = Math.min(next, at)
    }
    if (next < this.#timerBucket) this.#arm(next)
  }
}

const bucketMs = 8
// Timers overflow at 2^31 ms and would fire at once.
const delayMsMax = 86_400_000

function empty(bucket: Bucket): void {
  for (let each = bucket.first; each !== undefined; each = each.next) each.list = undefined
  bucket.first = undefined
  bucket.last = undefined
}
