import {
  type Bucket,
  type BucketRule,
  createBucket,
  take,
} from '@mooring/market/quotas/token-bucket'
import type { Clock } from '@mooring/telemetry/clock'
import { Refusal } from './refusal.ts'

const keysMax = 50_000

/** Throws RATE_LIMITED when there was too much of one key, such as a network or an account. */
export type Limit = (key: string) => void

export function createLimit(what: string, rule: BucketRule, clock: Clock): Limit {
  const buckets = new Map<string, Bucket>()
  return (key) => {
    const nowMs = clock.nowMs()
    let bucket = buckets.get(key)
    if (bucket === undefined) {
      // A full bucket is as good as none, and the oldest is the likeliest to be full.
      const oldest = buckets.size >= keysMax ? buckets.keys().next().value : undefined
      if (oldest !== undefined) buckets.delete(oldest)
      bucket = createBucket(rule, nowMs)
      buckets.set(key, bucket)
    }
    const { admitted, retryAfterMs } = take(bucket, rule, nowMs, 1)
    if (admitted) return
    throw new Refusal('RATE_LIMITED', `too many ${what}: try again later`, { retryAfterMs })
  }
}

/** So many each minute, and as many at once. */
export function perMinute(count: number): BucketRule {
  return { perSecond: count / 60, burst: count }
}
