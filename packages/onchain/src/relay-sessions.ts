import {
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'
import type { SessionGrant, SessionOffer } from '@mooring/protocol/relays/sessions'
import { bytesToHex, concatBytes, type Hex, hexToBytes, sha256 } from 'viem'

/** A key pair of one end, made for one session. */
export type SessionKey = { publicKey: Hex; privateKey: KeyObject }

export function createSessionKey(): SessionKey {
  const { publicKey, privateKey } = generateKeyPairSync('x25519')
  // An X25519 key has one.
  const { x } = publicKey.export({ format: 'jwk' }) as { x: string }
  return { publicKey: bytesToHex(Buffer.from(x, 'base64url')), privateKey }
}

const sessionMark = new TextEncoder().encode('mooring relay session v1')

/** Names the session of an offer and a grant. */
export function sessionIdOf({
  offer,
  key,
}: {
  offer: Pick<SessionOffer, 'key' | 'nonce'>
  /** Of the agent. */
  key: Hex
}): Hex {
  return sha256(
    concatBytes([sessionMark, hexToBytes(offer.key), hexToBytes(key), hexToBytes(offer.nonce)]),
  )
}

/**
 * What is borne in the header of a session; the same at both ends. Throws where the other end's key is none: some points
 * give everybody the same secret, and Node refuses them.
 */
export function sessionTokenOf({
  own,
  other,
  session,
}: {
  own: SessionKey
  other: Hex
  session: SessionGrant['session']
}): string {
  const shared = diffieHellman({ privateKey: own.privateKey, publicKey: publicKeyOf(other) })
  const id = hexToBytes(session)
  const token = hkdfSync('sha256', shared, id, sessionMark, 32)
  return `${Buffer.from(id).toString('base64url')}.${Buffer.from(token).toString('base64url')}`
}

function publicKeyOf(key: Hex): KeyObject {
  const x = Buffer.from(hexToBytes(key)).toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x }, format: 'jwk' })
}
