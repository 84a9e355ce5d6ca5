import {
  type Bucket,
  type BucketRule,
  createBucket,
  take,
} from '@mooring/market/quotas/token-bucket'
import type { Clock } from '@mooring/telemetry/clock'
import { VerifierRefusal } from '../refusal.ts'

const addressesMax = 10_000

/** Throws RATE_LIMITED when an address has asked too much. */
export function createLimiter(rule: BucketRule, clock: Clock): (address: string) => void {
  const buckets = new Map<string, Bucket>()
  return (address) => {
    let bucket = buckets.get(address)
    if (bucket === undefined) {
      // A full bucket is as good as none, and the oldest is the likeliest to be full.
      const oldest = buckets.size >= addressesMax ? buckets.keys().next().value : undefined
      if (oldest !== undefined) buckets.delete(oldest)
      bucket = createBucket(rule, clock.nowMs())
      buckets.set(address, bucket)
    }
    const admission = take(bucket, rule, clock.nowMs(), 1)
    if (admission.admitted) return
    const seconds = Math.ceil(admission.retryAfterMs / 1_000)
    throw new VerifierRefusal('RATE_LIMITED', `too many requests: try again in ${seconds} s`)
  }
}
