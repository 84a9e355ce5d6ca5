import type { AccessDomain, Quorum } from '@mooring/onchain/access-statements'
import type { SignedRevocation } from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { Fetched } from './fetch-json.ts'
import { RecentMap } from './recent-map.ts'
import { loadStatements } from './statements.ts'
import { parseRevocations } from './wire.ts'

/** Tokens that one verifier may hold for void at once; only its own oldest word is forgotten past it. */
const votesMax = 200_000
/** How often each verifier is asked. */
export const revocationPollMs = 2_000

/**
 * Tokens that must not be taken any more: those that as many verifiers as sign one hold for void. One verifier alone
 * can revoke nothing, and those that are away keep nothing from being revoked while enough are left.
 *
 * Bound: a token is refused `revocationPollMs` and two answers after the last verifier that is needed said so. Where
 * fewer than the threshold can be reached, tokens hold until they expire.
 */
export class Revocations {
  readonly #domain: AccessDomain
  readonly #quorum: Quorum
  readonly #revoked = new Set<string>()
  readonly #votes = new Map<string, RecentMap<string, true>>()

  constructor(domain: AccessDomain, quorum: Quorum) {
    this.#domain = domain
    this.#quorum = quorum
    for (const member of quorum.members) {
      this.#votes.set(member.toLowerCase(), new RecentMap(votesMax))
    }
  }

  has(jti: string): boolean {
    return this.#revoked.has(jti)
  }

  /** Counts a verifier's word, if it is its own. Said twice, it counts once. */
  async add(revocation: SignedRevocation): Promise<void> {
    const { jti, verifier, signature } = revocation
    const votes = this.#votes.get(verifier.toLowerCase())
    if (votes === undefined || this.#revoked.has(jti) || votes.get(jti)) return
    const { revocationData, signerOf } = await loadStatements()
    const signer = await signerOf(revocationData(this.#domain, revocation), signature)
    if (signer?.toLowerCase() !== verifier.toLowerCase()) return
    votes.set(jti, true)
    const count = [...this.#votes.values()].filter((each) => each.get(jti)).length
    if (count >= this.#quorum.threshold) this.#revoked.add(jti)
  }
}

type FollowContext = {
  clock: Clock
  signal: AbortSignal
  /** Asks one verifier for what it found after a place in its list. */
  fetchAfter: (after: number) => Promise<Fetched>
}

/** Reads the list of one verifier on and on, until it is told to stop. */
export async function followRevocations(
  revocations: Revocations,
  { clock, signal, fetchAfter }: FollowContext,
): Promise<void> {
  let after = 0
  while (!signal.aborted) {
    const fetched = await fetchAfter(after)
    const list = fetched.kind === 'answer' ? parseRevocations(fetched.value) : undefined
    if (list !== undefined) {
      for (const revocation of list.revocations) await revocations.add(revocation)
      // More may be there already where a page was full; the next round takes it.
      after = list.next
    }
    await clock.sleep(revocationPollMs, signal)
  }
}
