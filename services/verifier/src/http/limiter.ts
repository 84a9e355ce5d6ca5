import { Buckets } from '@mooring/market/quotas/buckets'
import type { BucketRule } from '@mooring/market/quotas/token-bucket'
import type { Clock } from '@mooring/telemetry/clock'
import { VerifierRefusal } from '../refusal.ts'

const addressesMax = 10_000

/** Throws RATE_LIMITED when one client, by its address, has asked too much. */
export function createLimiter(rule: BucketRule, clock: Clock): (clientKey: string) => void {
  const buckets = new Buckets({ countMax: addressesMax })
  return (clientKey) => {
    const asked = { nowMs: clock.nowMs(), count: 1 }
    const { admitted, retryAfterMs } = buckets.take(clientKey, rule, asked)
    if (admitted) return
    const seconds = Math.ceil(retryAfterMs / 1_000)
    throw new VerifierRefusal('RATE_LIMITED', `too many requests: try again in ${seconds} s`)
  }
}
