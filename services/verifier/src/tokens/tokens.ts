import type { AccessDomain } from '@mooring/onchain/access-statements'
import { parseToken } from '@mooring/protocol/access/token'
import {
  clockLeewaySeconds,
  requestAgeSecondsMax,
  type TokenAnswer,
  type TokenRequest,
} from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import { sealToken } from '../delivery/seal.ts'
import type { GroupKey } from '../group/group-key.ts'
import type { Issued } from '../signing/coordinator.ts'
import type { Examiner } from '../signing/examiner.ts'
import type { Terms } from '../signing/terms.ts'
import type { Grant, Grants } from '../state/grants.ts'
import type { Revocations } from '../state/revocations.ts'
import { jtiOf, provenToken, type SharedGrant, sharedGrantsMax, toShared } from './shared-grant.ts'

export type TokensContext = {
  domain: AccessDomain
  grants: Grants
  revocations: Revocations
  clock: Clock
  examiner: Examiner
  terms: Pick<Terms, 'cappedLifeSeconds' | 'fullLifeSeconds'>
  hourlyTokensMax: number
  keyOf(kid: string): GroupKey | undefined
  /** Whether a key of the group ended at once, so that what it signed is worth nothing. */
  hasEnded(kid: string): boolean
  issue(request: TokenRequest): Promise<Issued>
  /** Tells the other verifiers; nobody waits for them. */
  share(grant: SharedGrant): void
}

/** Tokens that this verifier had a part in, or was told of. */
export type Tokens = {
  /** Has a token made and seals it to its owner. */
  request(request: TokenRequest): Promise<TokenAnswer>
  /** Has the token of a grant made anew, from what was signed then. */
  renew(grant: Grant): Promise<Issued>
  findByKey(keyHash: string): string | undefined
  /** Takes over what another verifier tells, as far as it proves itself. */
  take(shared: SharedGrant): Promise<void>
  after(seq: number): SharedGrant[]
  last(): number
}

export function createTokens(context: TokensContext): Tokens {
  const { domain, grants, revocations, examiner, clock } = context
  const nowSeconds = () => clock.wallMs() / 1_000

  const isLiving = (grant: Grant) => expiryOf(grant) > nowSeconds() && !isOfEndedKey(grant)
  const isOfEndedKey = (grant: Grant) => context.hasEnded(kidOf(grant) ?? '')

  /** A verifier that sees finality late must not take back what was given. */
  function keep(next: Omit<Grant, 'seq'>): void {
    const known = grants.find(next.jti)
    const expiresAt = Math.max(next.expiresAt, known?.expiresAt ?? 0)
    const isWorse = known?.stage === 'full' && next.stage === 'capped'
    if (known !== undefined && isWorse && isLiving(known)) {
      if (expiresAt > known.expiresAt) grants.put({ ...known, expiresAt })
      return
    }
    grants.put({ ...next, expiresAt })
  }

  async function make(request: TokenRequest): Promise<Issued> {
    const issued = await context.issue(request)
    const { claims, token, examined } = issued
    const { jti, facts } = examined
    const { cnf, stage } = claims
    keep({
      jti,
      request,
      facts,
      stage,
      // A bearer is worth money to whoever reads it, so it is kept by its owner alone.
      token: cnf === undefined ? undefined : token,
      keyHash: cnf !== undefined && 'key#S256' in cnf ? cnf['key#S256'] : undefined,
      issuedAt: claims.iat,
      expiresAt: claims.exp,
    })
    const grant = grants.find(jti)
    if (grant !== undefined) context.share(toShared(grant))
    return issued
  }

  return {
    async request(request) {
      const { token, claims, attestations } = await make(request)
      const sealed = await sealToken(token, request)
      const { jti, stage, exp: expiresAt } = claims
      return { jti, stage, expiresAt, sealed, attestations }
    },
    renew: ({ request }) => make(request),
    findByKey(keyHash) {
      const isGood = (grant: Grant) => expiryOf(grant) > nowSeconds() && !revocations.has(grant.jti)
      const found = grants.findByKey(keyHash).filter(isGood)
      // One of a key that has ended is shown while there is no better one, so that its bearer is told why it is refused.
      return (found.find((grant) => !isOfEndedKey(grant)) ?? found[0])?.token
    },
    async take(shared) {
      const jti = jtiOf(domain, shared)
      const known = grants.find(jti)
      if (known !== undefined && known.issuedAt >= shared.issuedAt && known.stage !== 'seen') return
      const proven = provenToken(shared, jti, context.keyOf)
      const { request } = shared
      if (proven !== undefined) {
        // Others have made it all the same, so what is said of it here must last as long.
        revocations.extend(jti, proven.expiresAt)
        const facts = known?.facts ?? (await examiner.examine(request, { isOld: true })).facts
        keep({ jti, request, facts, ...proven })
        return
      }
      // Nothing proves what is said of a bearer, so no more is taken from it than that its deposit is to be watched.
      if (known !== undefined) return
      const endsAt = unprovenEndOf(context, request)
      if (endsAt === undefined) return
      const { facts } = await examiner.examine(request, { isOld: true })
      // Again, because several may have been looked into at the same time.
      if (unprovenEndOf(context, request) === undefined) return
      const { stage, issuedAt } = shared
      const none = { token: undefined, keyHash: undefined }
      const expiresAt = Math.min(shared.expiresAt, endsAt)
      keep({ jti, request, facts, stage, ...none, issuedAt, expiresAt })
    },
    after: (seq) => grants.after(seq, sharedGrantsMax).map(toShared),
    last: () => grants.last(),
  }
}

/** All verifiers together give an account less than twice what one gives, as long as most of them sign. */
const unprovenFactor = 2

/**
 * A verifier may tell of any number of wishes that a friend of its has signed, each of which would be kept and watched.
 *
 * @returns When the last token of a wish that nothing proves has ended; undefined for one that is not to be kept.
 */
function unprovenEndOf(
  { grants, clock, terms, hourlyTokensMax }: TokensContext,
  { account, issuedAt }: TokenRequest,
): number | undefined {
  const nowSeconds = clock.wallMs() / 1_000
  const lifeSeconds = Math.max(terms.cappedLifeSeconds, terms.fullLifeSeconds)
  const endsAt = issuedAt + requestAgeSecondsMax + 2 * clockLeewaySeconds + lifeSeconds
  if (endsAt <= nowSeconds || issuedAt > nowSeconds + clockLeewaySeconds) return undefined
  const isTooMany = grants.countOf(account, issuedAt - 3_600) >= unprovenFactor * hourlyTokensMax
  return isTooMany ? undefined : endsAt
}

function kidOf({ token }: Grant): string | undefined {
  const parsed = token === undefined ? undefined : parseToken(token)
  return parsed?.ok ? parsed.token.kid : undefined
}

/** When the token of a grant ends; a grant may be watched for longer. 0 where there is none. */
function expiryOf({ token }: Grant): number {
  const parsed = token === undefined ? undefined : parseToken(token)
  return parsed?.ok ? parsed.token.claims.exp : 0
}
