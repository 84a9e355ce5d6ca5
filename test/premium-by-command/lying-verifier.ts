import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { type AccessClaims, attestationsText } from '@mooring/protocol/access/claims'
import {
  encodeBytes,
  formatToken,
  parseToken,
  signingInputOf,
} from '@mooring/protocol/access/token'
import type { TokenAnswer, TokenRequest } from '@mooring/protocol/access/verifier-wire'
import * as jose from 'jose'

/** How a verifier cheats who asks it for a token. */
export type Cheat =
  /** A token that it signed alone. */
  | 'forged'
  /** A token that was made for somebody else. */
  | 'foreign'
  /** A good token with what one attestation says changed. */
  | 'inflated'
  /** Nothing that a verifier would say. */
  | 'nonsense'

/** A verifier that passes everything on to an honest one, and cheats in its answer. */
export function startLyingVerifier(honest: string, cheat: Cheat, foreign = '') {
  const { privateKey } = generateKeyPairSync('ed25519')
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    development: false,
    async fetch(request) {
      const { pathname } = new URL(request.url)
      const body = request.method === 'POST' ? await request.text() : undefined
      const answered = await fetch(`${honest}${pathname}`, {
        method: request.method,
        ...(body === undefined ? {} : { body }),
      })
      if (pathname !== '/v1/tokens' || !answered.ok) return new Response(await answered.text())
      if (cheat === 'nonsense') return Response.json({ token: 'here it is' })
      // An honest verifier wrote it.
      const answer = (await answered.json()) as TokenAnswer
      return Response.json(await cheated(answer, cheat, { body: body ?? '', privateKey, foreign }))
    },
  })
  return { url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) }
}

/** What it was asked, a key of its own, and a token of somebody else. */
type Tools = { body: string; privateKey: KeyObject; foreign: string }

async function cheated(
  answer: TokenAnswer,
  cheat: Exclude<Cheat, 'nonsense'>,
  tools: Tools,
): Promise<TokenAnswer> {
  if (cheat === 'inflated') {
    const attestations = answer.attestations.map((one) => ({ ...one, amount: `${one.amount}0` }))
    return { ...answer, attestations }
  }
  const request: TokenRequest = JSON.parse(tools.body)
  const token = cheat === 'foreign' ? tools.foreign : await forged(answer, request, tools)
  return { ...answer, sealed: { kind: 'jwe', jwe: await sealedTo(token, request) } }
}

/** Says all that a good token would, under the name of the group's key. */
async function forged(
  { jti, expiresAt, attestations }: TokenAnswer,
  { account, keyCommitment }: TokenRequest,
  { privateKey, foreign }: Tools,
): Promise<string> {
  const parsed = parseToken(foreign)
  if (!parsed.ok) throw new Error(parsed.problem)
  const { kid, claims } = parsed.token
  const text = attestationsText(attestations.map(({ signature }) => signature))
  const wanted: AccessClaims = {
    ...{ ...claims, jti, exp: expiresAt },
    att: createHash('sha256').update(text).digest('base64url'),
    sub: claims.sub.replace(/0x.*/, account.toLowerCase()),
    cnf: { 'key#S256': encodeBytes(Uint8Array.fromHex(keyCommitment.slice(2))) },
  }
  const input = signingInputOf(kid, wanted)
  return formatToken(input, sign(null, Buffer.from(input), privateKey))
}

async function sealedTo(token: string, { deliverTo }: TokenRequest): Promise<string> {
  const x = encodeBytes(Uint8Array.fromHex(deliverTo.slice(2)))
  const key = await jose.importJWK({ kty: 'OKP', crv: 'X25519', x }, 'ECDH-ES')
  return new jose.CompactEncrypt(new TextEncoder().encode(token))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM' })
    .encrypt(key)
}
