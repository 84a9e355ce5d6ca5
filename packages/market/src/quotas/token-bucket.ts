/** Rate limit of one caller: tokens refill evenly, one request takes one. */
export type Bucket = { tokens: number; atMs: number }

export type BucketRule = { perSecond: number; burst: number }

export type Admission = {
  admitted: boolean
  /** Whole requests left at this moment. */
  remaining: number
  /** When the refused count would be admitted; 0 when it was. Infinity when it never can be. */
  retryAfterMs: number
  /** When the bucket is full again. */
  resetMs: number
}

export function createBucket(rule: BucketRule, nowMs: number): Bucket {
  return { tokens: rule.burst, atMs: nowMs }
}

/**
 * Takes `count` requests from the bucket, all or none.
 *
 * @param nowMs - From a clock that never steps back; an earlier time refills nothing.
 */
export function take(bucket: Bucket, rule: BucketRule, nowMs: number, count: number): Admission {
  const elapsedMs = Math.max(0, nowMs - bucket.atMs)
  bucket.tokens = Math.min(rule.burst, bucket.tokens + (elapsedMs * rule.perSecond) / 1_000)
  bucket.atMs = Math.max(bucket.atMs, nowMs)
  const admitted = bucket.tokens >= count
  if (admitted) bucket.tokens -= count
  return {
    admitted,
    remaining: Math.floor(bucket.tokens),
    retryAfterMs: admitted ? 0 : waitMs(bucket, rule, count),
    resetMs: ((rule.burst - bucket.tokens) * 1_000) / rule.perSecond,
  }
}

function waitMs(bucket: Bucket, rule: BucketRule, count: number): number {
  if (count > rule.burst) return Number.POSITIVE_INFINITY
  return ((count - bucket.tokens) * 1_000) / rule.perSecond
}
