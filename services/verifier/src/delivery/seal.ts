import { encodeBytes } from '@mooring/protocol/access/token'
import type { Delivery, Sealed, WalletEnvelope } from '@mooring/protocol/access/verifier-wire'
import * as jose from 'jose'
import nacl from 'tweetnacl'
import { type Hex, hexToBytes } from 'viem'

/** Seals a token to the key that its owner named, so that nobody on its way can read it. */
export async function sealToken(
  token: string,
  { delivery, deliverTo }: { delivery: Delivery; deliverTo: Hex },
): Promise<Sealed> {
  const publicKey = hexToBytes(deliverTo)
  if (delivery === 'wallet') return { kind: 'wallet', envelope: sealToWallet(token, publicKey) }
  return { kind: 'jwe', jwe: await sealToKey(token, publicKey) }
}

/** What wallets open by `eth_decrypt`. */
function sealToWallet(token: string, publicKey: Uint8Array): WalletEnvelope {
  const ephemeral = nacl.box.keyPair()
  const nonce = nacl.randomBytes(nacl.box.nonceLength)
  const message = new TextEncoder().encode(token)
  const ciphertext = nacl.box(message, nonce, publicKey, ephemeral.secretKey)
  return {
    version: 'x25519-xsalsa20-poly1305',
    nonce: nonce.toBase64(),
    ephemPublicKey: ephemeral.publicKey.toBase64(),
    ciphertext: ciphertext.toBase64(),
  }
}

async function sealToKey(token: string, publicKey: Uint8Array): Promise<string> {
  const jwk = { kty: 'OKP', crv: 'X25519', x: encodeBytes(publicKey) }
  const key = await jose.importJWK(jwk, 'ECDH-ES')
  return new jose.CompactEncrypt(new TextEncoder().encode(token))
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'at+jwt' })
    .encrypt(key)
}
