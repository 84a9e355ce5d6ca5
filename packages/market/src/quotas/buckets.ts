import { type Admission, type Bucket, type BucketRule, createBucket, take } from './token-bucket.ts'

type Kept = Bucket & { fullAtMs: number }

/** A look at all of them takes about a millisecond for each ten thousand, so that it is not taken for every request. */
const sweepPauseMs = 100

/**
 * The buckets of many callers, as many as there is room for. A full one is as good as none, so it makes room for a new
 * one; one that is not full never does, or whoever comes from enough addresses would get their own bucket filled again.
 * While there is no room callers that are new are refused.
 */
export class Buckets {
  readonly #countMax: number
  readonly #kept = new Map<string, Kept>()
  /** Before then no bucket makes room, as far as the last look told. */
  #nextSweepMs = Number.NEGATIVE_INFINITY

  constructor({ countMax }: { countMax: number }) {
    this.#countMax = countMax
  }

  /** Undefined of a caller that is new, or whose bucket was full again. */
  get(key: string): Readonly<Bucket> | undefined {
    return this.#kept.get(key)
  }

  /**
   * Takes `count` requests from the bucket of one caller, all or none; 0 only looks.
   *
   * @param nowMs - From a clock that never steps back.
   */
  take(
    key: string,
    rule: BucketRule,
    { nowMs, count }: { nowMs: number; count: number },
  ): Admission {
    const kept = this.#kept.get(key)
    if (kept === undefined) return this.#takeFirst(key, rule, { nowMs, count })
    const admission = take(kept, rule, nowMs, count)
    kept.fullAtMs = nowMs + admission.resetMs
    return admission
  }

  #takeFirst(key: string, rule: BucketRule, asked: { nowMs: number; count: number }): Admission {
    const { nowMs, count } = asked
    if (count > 0 && this.#kept.size >= this.#countMax) {
      this.#sweep(nowMs)
      if (this.#kept.size >= this.#countMax) return this.#noRoom(nowMs)
    }
    const bucket = createBucket(rule, nowMs)
    const admission = take(bucket, rule, nowMs, count)
    // What is full need not be remembered.
    if (admission.resetMs > 0) {
      this.#kept.set(key, { ...bucket, fullAtMs: nowMs + admission.resetMs })
    }
    return admission
  }

  #sweep(nowMs: number): void {
    if (nowMs < this.#nextSweepMs) return
    let firstFullMs = Number.POSITIVE_INFINITY
    for (const [key, { fullAtMs }] of this.#kept) {
      if (fullAtMs <= nowMs) this.#kept.delete(key)
      else if (fullAtMs < firstFullMs) firstFullMs = fullAtMs
    }
    this.#nextSweepMs = Math.max(firstFullMs, nowMs + sweepPauseMs)
  }

  #noRoom(nowMs: number): Admission {
    const retryAfterMs = Math.max(1, this.#nextSweepMs - nowMs)
    return { admitted: false, remaining: 0, retryAfterMs, resetMs: retryAfterMs }
  }
}
