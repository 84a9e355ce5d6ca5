import { Buckets } from '@mooring/market/quotas/buckets'
import { type Admission, type BucketRule, take } from '@mooring/market/quotas/token-bucket'
import type { Clock } from '@mooring/telemetry/clock'
import type { Caller } from '../exchange.ts'

/** Callers remembered at once; a bucket is some 100 bytes. */
const bucketsMax = 100_000

/** What all callers of this process have left: requests by rate, and requests unanswered at once. */
export class Limiter {
  /** Anyone may come from many addresses; that leaves the room of those who have a key as it is. */
  readonly #community = new Buckets({ countMax: bucketsMax })
  readonly #others = new Buckets({ countMax: bucketsMax })
  readonly #inFlight = new Map<string, number>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether not a single request is left. */
  isSpent(caller: Caller): boolean {
    const { bucketKey, limits } = caller
    const bucket = this.#bucketsOf(caller).get(bucketKey)
    // One that was full a moment ago need not be reckoned up.
    if (bucket === undefined || bucket.tokens >= 1) return limits.burstRequests < 1
    return take({ ...bucket }, ruleOf(limits), this.#clock.nowMs(), 0).remaining < 1
  }

  /** Takes `count` requests from the caller's budget, all or none; 0 only looks. */
  take(caller: Caller, count: number): Admission {
    const asked = { nowMs: this.#clock.nowMs(), count }
    return this.#bucketsOf(caller).take(caller.bucketKey, ruleOf(caller.limits), asked)
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

  #bucketsOf({ tier }: Caller): Buckets {
    return tier === 'community' ? this.#community : this.#others
  }
}

function ruleOf({ requestsPerSecond, burstRequests }: Caller['limits']): BucketRule {
  return { perSecond: requestsPerSecond, burst: burstRequests }
}
