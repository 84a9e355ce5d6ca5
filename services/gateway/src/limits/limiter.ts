import {
  type Admission,
  type Bucket,
  type BucketRule,
  createBucket,
  take,
} from '@mooring/market/quotas/token-bucket'
import type { Clock } from '@mooring/telemetry/clock'
import type { Caller } from '../exchange.ts'

/** Callers remembered at once; a bucket is some 100 bytes. */
const bucketsMax = 100_000

/** What all callers of this process have left: requests by rate, and requests unanswered at once. */
export class Limiter {
  readonly #buckets = new Map<string, Bucket>()
  readonly #inFlight = new Map<string, number>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether not a single request is left. */
  isSpent({ bucketKey, limits }: Caller): boolean {
    const bucket = this.#buckets.get(bucketKey)
    // One that was full a moment ago need not be reckoned up.
    if (bucket === undefined || bucket.tokens >= 1) return limits.burstRequests < 1
    return take(bucket, ruleOf(limits), this.#clock.nowMs(), 0).remaining < 1
  }

  /** Takes `count` requests from the caller's budget, all or none; 0 only looks. */
  take(caller: Caller, count: number): Admission {
    const nowMs = this.#clock.nowMs()
    const rule = ruleOf(caller.limits)
    let bucket = this.#buckets.get(caller.bucketKey)
    if (bucket === undefined) {
      bucket = createBucket(rule, nowMs)
      if (count > 0) this.#remember(caller.bucketKey, bucket)
    }
    return take(bucket, rule, nowMs, count)
  }

  /**
   * Takes places for `count` requests until they are answered. Slow requests hold slots of upstreams, so
   * that one caller must not be able to hold them all.
   */
  enter({ bucketKey, limits }: Caller, count: number): boolean {
    const inFlight = this.#inFlight.get(bucketKey) ?? 0
    if (inFlight + count > limits.inFlightMax) return false
    this.#inFlight.set(bucketKey, inFlight + count)
    return true
  }

  leave({ bucketKey }: Caller, count: number): void {
    const inFlight = (this.#inFlight.get(bucketKey) ?? 0) - count
    if (inFlight > 0) this.#inFlight.set(bucketKey, inFlight)
    else this.#inFlight.delete(bucketKey)
  }

  /** The oldest goes first: it is the likeliest to be full again, and a full bucket is as good as none. */
  #remember(key: string, bucket: Bucket): void {
    if (this.#buckets.size >= bucketsMax) {
      const oldest = this.#buckets.keys().next().value
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    this.#buckets.set(key, bucket)
  }
}

function ruleOf({ requestsPerSecond, burstRequests }: Caller['limits']): BucketRule {
  return { perSecond: requestsPerSecond, burst: burstRequests }
}
