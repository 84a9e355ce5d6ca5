import { verify } from 'node:crypto'
import type { AccessClaims } from '@mooring/protocol/access/claims'
import { type AccessToken, parseToken } from '@mooring/protocol/access/token'
import { type GroupKey, type KeySet, leewaySeconds } from './keyset.ts'
import { RecentMap } from './recent-map.ts'

/** A token whose signature, issuer and audience are right. Whether it holds at a moment is asked of `problemNow`. */
export type CheckedToken = {
  claims: AccessClaims
  /** Of the key it is signed with, which may end before it does. */
  kid: string
}

export type TokenVerdict =
  | { kind: 'good'; token: CheckedToken }
  | { kind: 'bad'; problem: string }
  /** Nobody has shown the key that it names: it may be a new one. */
  | { kind: 'unknownKey' }

/** A token and what is kept of it are some 2 KB. */
const tokensMax = 20_000

const endedKey =
  'the verifiers have ended the key it is signed with: one that is bound to an access key is renewed by itself, so send it again soon; otherwise ask for a new one'

type Context = {
  keys: KeySet
  issuer: string
  audience: string
  wallMs: () => number
  isRevoked: (jti: string) => boolean
}

/** Tells whether tokens are good. Verifying a signature takes some 50 µs, so each is verified once. */
export class TokenCheck {
  readonly #context: Context
  readonly #good = new RecentMap<string, CheckedToken>(tokensMax)

  constructor(context: Context) {
    this.#context = context
  }

  /** Whether any token can be told good from bad. */
  get hasKeys(): boolean {
    return !this.#context.keys.isEmpty
  }

  async check(text: string): Promise<TokenVerdict> {
    const known = this.#good.get(text)
    if (known !== undefined) return this.#verdict(known)
    const parsed = parseToken(text)
    if (!parsed.ok) return { kind: 'bad', problem: parsed.problem }
    const { keys } = this.#context
    const key = await keys.seek(parsed.token.kid)
    if (key === undefined) {
      return keys.hasEnded(parsed.token.kid) ? bad(endedKey) : { kind: 'unknownKey' }
    }
    const problem = this.#problemOf(parsed.token, key)
    if (problem !== undefined) return bad(problem)
    const { claims, kid } = parsed.token
    const token = { claims, kid }
    const verdict = this.#verdict(token)
    if (verdict.kind === 'good') this.#good.set(text, token)
    return verdict
  }

  /** Why a token that was good is not, or not yet, at this moment. Its key may have ended since it was checked. */
  problemNow({ claims, kid }: CheckedToken): string | undefined {
    const { keys, wallMs } = this.#context
    const key = keys.find(kid)
    if (key === undefined) return keys.hasEnded(kid) ? endedKey : 'its key is used no more'
    const nowMs = wallMs()
    const endSeconds = Math.min(claims.exp, key.untilSeconds ?? claims.exp)
    if (nowMs >= (endSeconds + leewaySeconds) * 1_000) return 'it has expired'
    if (nowMs < (claims.iat - leewaySeconds) * 1_000) return 'its time has not come yet'
    return this.#context.isRevoked(claims.jti) ? 'it was revoked' : undefined
  }

  #verdict(token: CheckedToken): TokenVerdict {
    const problem = this.problemNow(token)
    return problem === undefined ? { kind: 'good', token } : bad(problem)
  }

  #problemOf(token: AccessToken, key: GroupKey): string | undefined {
    const { issuer, audience } = this.#context
    const { claims, signingInput, signature } = token
    // The key decides the algorithm, whatever the header says; it has been pinned there, too.
    if (!verify(null, Buffer.from(signingInput, 'latin1'), key.keyObject, signature)) {
      return 'its signature is wrong'
    }
    if (claims.iss !== issuer) return 'it is of another issuer'
    if (claims.aud !== audience) return 'it is for another audience'
    if (claims.iat < key.fromSeconds - leewaySeconds) return 'it is older than its key'
    return undefined
  }
}

function bad(problem: string): TokenVerdict {
  return { kind: 'bad', problem: `the token is not valid: ${problem}` }
}
