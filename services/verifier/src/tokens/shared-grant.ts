import { type AccessDomain, accessRequestData } from '@mooring/onchain/access-statements'
import { parseToken } from '@mooring/protocol/access/token'
import { hashTypedData } from 'viem'
import { z } from 'zod'
import { frost } from '../group/frost.ts'
import { type GroupKey, publicKeyOf } from '../group/group-key.ts'
import { grantIdOf } from '../signing/terms.ts'
import { tokenRequest } from '../signing/wire.ts'
import type { Grant } from '../state/grants.ts'

/** What verifiers tell each other of a token, so that all of them watch its deposit and can give it out. */
export type SharedGrant = Pick<Grant, 'request' | 'stage' | 'issuedAt' | 'expiresAt'> & {
  seq: number
  token: string | null
}

const sharedGrant = z.strictObject({
  seq: z.int().nonnegative(),
  request: tokenRequest,
  stage: z.enum(['seen', 'capped', 'full']),
  token: z.string().max(8_192).nullable(),
  issuedAt: z.int().nonnegative(),
  expiresAt: z.int().nonnegative(),
})
export const sharedGrants = z.object({
  grants: z.array(sharedGrant).max(200),
  /** The newest place there is. */
  last: z.int().nonnegative(),
})

/** How many are told at once. */
export const sharedGrantsMax = 20

export function toShared({ seq, request, stage, token, issuedAt, expiresAt }: Grant): SharedGrant {
  return { seq, request, stage, token: token ?? null, issuedAt, expiresAt }
}

export function jtiOf(domain: AccessDomain, { request }: SharedGrant): string {
  return grantIdOf(hashTypedData(accessRequestData(domain, request)))
}

/**
 * The token that came with a shared grant, when enough verifiers have signed it: it speaks for itself, whoever brings it.
 *
 * @returns Undefined when there is none, or when it is not what it is said to be.
 */
export function provenToken(
  shared: SharedGrant,
  jti: string,
  keyOf: (kid: string) => GroupKey | undefined,
): Pick<Grant, 'token' | 'keyHash' | 'stage' | 'issuedAt' | 'expiresAt'> | undefined {
  if (shared.token === null) return undefined
  const parsed = parseToken(shared.token)
  if (!parsed.ok) return undefined
  const { kid, claims, signature, signingInput } = parsed.token
  const key = keyOf(kid)
  if (key === undefined || claims.jti !== jti || claims.cnf === undefined) return undefined
  const message = new TextEncoder().encode(signingInput)
  if (!frost.verify(signature, message, publicKeyOf(key.frost))) return undefined
  return {
    token: shared.token,
    keyHash: 'key#S256' in claims.cnf ? claims.cnf['key#S256'] : undefined,
    stage: claims.stage,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
  }
}
