import { Buckets } from '@mooring/market/quotas/buckets'
import type { BucketRule } from '@mooring/market/quotas/token-bucket'
import { bearsOne } from '@mooring/settings/credentials'
import type { Clock } from '@mooring/telemetry/clock'
import type { VerifierConfig } from '../config.ts'
import { VerifierRefusal } from '../refusal.ts'

const addressesMax = 10_000

/** Throws RATE_LIMITED when one client, by its address, has asked too much. */
export function createLimiter(rule: BucketRule, clock: Clock): (clientKey: string) => void {
  const buckets = new Buckets({ countMax: addressesMax })
  return (clientKey) => {
    const asked = { nowMs: clock.nowMs(), count: 1 }
    const { admitted, retryAfterMs } = buckets.take(clientKey, rule, asked)
    if (admitted) return
    const retryAfterSeconds = Math.ceil(retryAfterMs / 1_000)
    const message = `too many requests: try again in ${retryAfterSeconds} s`
    throw new VerifierRefusal('RATE_LIMITED', message, { retryAfterSeconds })
  }
}

/** Who asks: an address, and what came along as `Authorization`. */
export type Asker = { clientKey: string; authorization: string | undefined }

export type AskerRules = {
  services: VerifierConfig['services']
  /** Of each address that bears nothing. */
  client: (clientKey: string) => void
  /** Of each service by its name, wherever it asks from. */
  service: (name: string) => void
}

/** A service that bears its credential has a rate of its own. Throws BAD_CREDENTIAL for one that nobody has. */
export function createAskerLimiter({ services, client, service }: AskerRules) {
  return ({ clientKey, authorization }: Asker): void => {
    const known = services.find(({ credential }) => bearsOne(authorization, [credential]))
    if (known !== undefined) {
      service(known.name)
      return
    }
    client(clientKey)
    if (authorization === undefined) return
    const message = 'no service of this verifier bears that: leave it out, or have it configured'
    throw new VerifierRefusal('BAD_CREDENTIAL', message)
  }
}
