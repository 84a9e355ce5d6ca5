import { createHash } from 'node:crypto'
import * as jose from 'jose'
import type { ProofJwk } from './key-material.ts'

/**
 * A proof that whoever sends a token holds the key it is bound to: good once, for a minute or so.
 *
 * @see RFC 9449, section 4.2
 */
export async function createProof(
  jwk: ProofJwk,
  { method, url, token, nowMs }: { method: string; url: string; token: string; nowMs: number },
): Promise<string> {
  const { kty, crv, x, y } = jwk
  const { origin, pathname } = new URL(url)
  const ath = createHash('sha256').update(token).digest('base64url')
  const payload = { jti: crypto.randomUUID(), htm: method, htu: `${origin}${pathname}`, ath }
  return new jose.SignJWT(payload)
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } })
    .setIssuedAt(Math.floor(nowMs / 1_000))
    .sign(await jose.importJWK({ ...jwk }, 'ES256'))
}
