import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { decodeBytes } from '@mooring/protocol/access/token'
import { z } from 'zod'
import { textHashOf } from './credentials.ts'
import { leewaySeconds, thumbprintOf } from './keyset.ts'
import { RecentMap } from './recent-map.ts'
import type { Replays } from './replays.ts'

/** What a proof must be for. */
export type ProofTarget = {
  /** The access token that is sent with it, and the thumbprint of the key that it is bound to. */
  token: string
  jkt: string
  /** Host with its port, where one stands in the address, and path. */
  host: string
  path: string
}

const proofLengthMax = 4_096
const keysMax = 10_000
/** One part of it is a digest or a number of 32 bytes. */
const part = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const publicKey = z.union([
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: part, y: part }),
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: part }),
])
type PublicKey = z.output<typeof publicKey>

/** No member besides these: `crit`, `kid` and addresses of keys have no place here, and `d` would tell the secret. */
const proofHeader = z.strictObject({
  typ: z.literal('dpop+jwt'),
  alg: z.enum(['ES256', 'EdDSA']),
  jwk: publicKey,
})
const proofPayload = z.looseObject({
  jti: z.string().min(1).max(256),
  htm: z.string(),
  htu: z.string().max(2_048),
  iat: z.number(),
  ath: z.string(),
})

/**
 * Checks proofs that whoever sends a token holds the key it is bound to.
 *
 * @see RFC 9449, section 4.3
 */
export class ProofCheck {
  readonly #keys = new RecentMap<string, KeyObject>(keysMax)
  readonly #replays: Replays
  readonly #wallMs: () => number

  constructor(replays: Replays, wallMs: () => number) {
    this.#replays = replays
    this.#wallMs = wallMs
  }

  /** @returns Why it proves nothing; undefined for a good proof, which is used up by that. */
  problemOf(proof: string | undefined, target: ProofTarget): string | undefined {
    if (proof === undefined) return 'the `DPoP` header is missing'
    const parts = proof.length > proofLengthMax ? [] : proof.split('.')
    const [headerText = '', payloadText = '', signatureText = ''] = parts
    const header = proofHeader.safeParse(decodeJson(headerText)).data
    const payload = proofPayload.safeParse(decodeJson(payloadText)).data
    const signature = decodeBytes(signatureText)
    if (parts.length !== 3 || header === undefined || payload === undefined) {
      return 'it is no proof of the form that RFC 9449 gives'
    }
    if (signature?.length !== 64 || (header.alg === 'ES256') !== (header.jwk.kty === 'EC')) {
      return 'its signature does not fit its key'
    }
    if (jktOf(header.jwk) !== target.jkt) return 'it is of another key than the token is bound to'
    if (payload.htm !== 'POST') return '`htm` is not POST'
    if (!isAddress(payload.htu, target)) return '`htu` is not the address of this request'
    const ageSeconds = this.#wallMs() / 1_000 - payload.iat
    if (!(Math.abs(ageSeconds) <= leewaySeconds)) {
      return `\`iat\` is more than ${leewaySeconds} seconds away from now`
    }
    if (payload.ath !== textHashOf(target.token)) return '`ath` is not the hash of the token'
    const signed = Buffer.from(`${headerText}.${payloadText}`, 'latin1')
    if (!this.#isSigned(header.jwk, target.jkt, { signed, signature }))
      return 'its signature is wrong'
    // Last, so that what somebody else made up uses up nothing.
    return this.#replays.use(`${target.jkt} ${payload.jti}`) ? undefined : 'it was used before'
  }

  #isSigned(
    jwk: PublicKey,
    jkt: string,
    { signed, signature }: { signed: Uint8Array; signature: Uint8Array },
  ): boolean {
    try {
      const key = this.#keys.get(jkt) ?? createPublicKey({ key: jwk, format: 'jwk' })
      this.#keys.set(jkt, key)
      return jwk.kty === 'EC'
        ? verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature)
        : verify(null, signed, key, signature)
    } catch {
      // A point that is on no curve is no key.
      return false
    }
  }
}

function jktOf(jwk: PublicKey): string {
  if (jwk.kty === 'OKP') return thumbprintOf(jwk.x)
  const members = `{"crv":"P-256","kty":"EC","x":"${jwk.x}","y":"${jwk.y}"}`
  return createHash('sha256').update(members).digest('base64url')
}

/** The scheme does not count: a proxy in front of a gateway speaks TLS in its place. */
function isAddress(htu: string, { host, path }: ProofTarget): boolean {
  const url = URL.parse(htu)
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false
  return url.host === withoutUsualPort(host.toLowerCase()) && pathOf(url.pathname) === pathOf(path)
}

function withoutUsualPort(host: string): string {
  return host.replace(/:(?:80|443)$/, '')
}

function pathOf(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function decodeJson(text: string): unknown {
  const bytes = decodeBytes(text)
  if (bytes === undefined) return undefined
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}
