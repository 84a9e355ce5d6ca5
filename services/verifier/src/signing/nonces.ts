import { encodeBytes } from '@mooring/protocol/access/token'
import type { Clock } from '@mooring/telemetry/clock'
import { type FrostKey, frost, type NonceCommitments, type Nonces } from '../group/frost.ts'
import { VerifierRefusal } from '../refusal.ts'
import type { UsedNonces } from '../state/used-nonces.ts'

/** What a session may sign with, and for what. */
export type Session<About> = { nonces: Nonces; commitments: NonceCommitments; about: About }

/**
 * Nonce pairs that were promised to sessions. The secret halves are in memory alone, so a crash loses them; which pairs
 * were used is on disk before a share is made, so not even a copy of that memory can use one again.
 */
export type SigningNonces<About> = {
  open(key: FrostKey, about: About): { session: string; commitments: NonceCommitments }
  /** Gives the nonces of a session out, once. Throws a refusal for one that is unknown, used or too old. */
  take(session: string, jtiOf: (about: About) => string): Session<About>
}

/** Between the two questions to a signer lies one round trip. */
const sessionMs = 30_000
const sessionsMax = 10_000

export function createSigningNonces<About>(used: UsedNonces, clock: Clock): SigningNonces<About> {
  const sessions = new Map<string, Session<About> & { untilMs: number; era: number }>()
  const sweep = () => {
    const nowMs = clock.nowMs()
    for (const [id, { untilMs }] of sessions) {
      if (untilMs > nowMs && sessions.size < sessionsMax) break
      sessions.delete(id)
    }
  }
  return {
    open(key, about) {
      sweep()
      const { nonces, commitments } = frost.commit(key.secret)
      const session = crypto.randomUUID()
      const untilMs = clock.nowMs() + sessionMs
      sessions.set(session, { nonces, commitments, about, untilMs, era: used.era() })
      return { session, commitments }
    },
    take(session, jtiOf) {
      const found = sessions.get(session)
      sessions.delete(session)
      if (found === undefined || found.untilMs <= clock.nowMs()) {
        throw new VerifierRefusal('REQUEST_EXPIRED', 'the signing session is over: begin again')
      }
      const nowSeconds = Math.floor(clock.wallMs() / 1_000)
      const { era } = found
      used.mark(nameOf(found.commitments), { jti: jtiOf(found.about), era, nowSeconds })
      return found
    },
  }
}

function nameOf({ hiding, binding }: NonceCommitments): string {
  return `${encodeBytes(hiding)}.${encodeBytes(binding)}`
}
