import { type AccessDomain, revocationData } from '@mooring/onchain/access-statements'
import type { Deployment } from '@mooring/onchain/deployment'
import type { RevocationReason } from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { LocalAccount } from 'viem'
import type { Sources } from '../chain/sources.ts'
import type { Events } from '../events.ts'
import type { Grant } from '../state/grants.ts'
import type { Store } from '../state/store.ts'
import { startWatcher, type Watcher } from '../watch/watcher.ts'

/** Watches the deposits of all tokens that this verifier knows, and signs the revocation of those that lose theirs. */
export function startWatch({
  sources,
  deployment,
  domain,
  account,
  store: { grants, revocations },
  clock,
  events,
  pollMs,
  tokenLifeSecondsMax,
}: {
  sources: Sources
  deployment: Deployment
  domain: AccessDomain
  account: LocalAccount
  store: Pick<Store, 'grants' | 'revocations'>
  clock: Clock
  events: Events
  pollMs: number
  /** No token lives longer. */
  tokenLifeSecondsMax: number
}): Watcher {
  const nowSeconds = () => Math.floor(clock.wallMs() / 1_000)
  const update = async (jti: string, facts: Grant['facts']) => {
    const grant = grants.find(jti)
    if (grant !== undefined) grants.put({ ...grant, facts })
  }
  return startWatcher({
    ...{ sources, deployment, clock, pollMs, events: { ...watchEvents(events) } },
    tokens: {
      async list() {
        return grants.living(nowSeconds()).filter(({ jti }) => !revocations.has(jti))
      },
    },
    actions: {
      async revoke(jti: string, reason: RevocationReason) {
        if (revocations.has(jti)) return
        const revokedAt = nowSeconds()
        const data = revocationData(domain, { jti, reason, revokedAt })
        const signature = await account.signTypedData(data)
        // One that others make of the same wish meanwhile ends no later than one that they make now.
        const endsAt = revokedAt + tokenLifeSecondsMax
        const voidUntil = Math.max(endsAt, grants.find(jti)?.expiresAt ?? 0)
        revocations.add({ jti, reason, revokedAt, signature }, voidUntil)
        events.revoked(jti, reason)
      },
      moved: update,
      becameFinal: update,
    },
  })
}

function watchEvents(events: Events) {
  return {
    troubled: events.troubled,
    broke: (error: unknown, doing: string) => {
      events.failed(doing, error)
    },
  }
}
