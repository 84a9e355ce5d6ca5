import { Buckets } from '@mooring/market/quotas/buckets'
import type { BucketRule } from '@mooring/market/quotas/token-bucket'
import type { Clock } from '@mooring/telemetry/clock'
import { Refusal } from './refusal.ts'

const keysMax = 50_000

/** Throws RATE_LIMITED when there was too much of one key, such as a network or an account. */
export type Limit = (key: string) => void

export function createLimit(what: string, rule: BucketRule, clock: Clock): Limit {
  const buckets = new Buckets({ countMax: keysMax })
  return (key) => {
    const asked = { nowMs: clock.nowMs(), count: 1 }
    const { admitted, retryAfterMs } = buckets.take(key, rule, asked)
    if (admitted) return
    throw new Refusal('RATE_LIMITED', `too many ${what}: try again later`, { retryAfterMs })
  }
}

/** So many each minute, and as many at once. */
export function perMinute(count: number): BucketRule {
  return { perSecond: count / 60, burst: count }
}
