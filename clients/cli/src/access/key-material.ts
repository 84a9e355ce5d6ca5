import { accessKeyOf, walletCommitmentOf } from '@mooring/onchain/access-tokens'
import { projectKeyInput } from '@mooring/protocol/access/project-key'
import { encodeBytes } from '@mooring/protocol/access/token'
import * as jose from 'jose'
import nacl from 'tweetnacl'
import { type Hex, hexToBytes, sha256, stringToHex, toHex } from 'viem'

/** What a key is, by how its token is delivered. All but the public keys is secret. */
export type KeyMaterial =
  /** 64 hexadecimal digits, sent along with every request. */
  | { delivery: 'key'; key: string }
  /** The X25519 key that a wallet opens tokens with; its secret follows from the wallet's own and is not kept. */
  | { delivery: 'wallet'; account: Hex; publicKey: Hex }
  /** Signs a proof for every request. */
  | { delivery: 'proof'; jwk: ProofJwk }

/** The material of an access key: the only one that can be a project's. */
export type AccessMaterial = Extract<KeyMaterial, { delivery: 'key' }>

export type ProofJwk = { kty: 'EC'; crv: 'P-256'; x: string; y: string; d: string }

export function createAccessMaterial(): AccessMaterial {
  const { key } = accessKeyOf(crypto.getRandomValues(new Uint8Array(32)))
  return { delivery: 'key', key }
}

export async function createProofMaterial(): Promise<KeyMaterial> {
  const { privateKey } = await jose.generateKeyPair('ES256', { extractable: true })
  const { x = '', y = '', d = '' } = await jose.exportJWK(privateKey)
  return { delivery: 'proof', jwk: { kty: 'EC', crv: 'P-256', x, y, d } }
}

export function walletMaterial(account: Hex, privateKey: Hex): KeyMaterial {
  const { publicKey } = walletBoxOf(privateKey)
  return { delivery: 'wallet', account, publicKey: toHex(publicKey) }
}

/** The encryption key of a wallet, as `eth_getEncryptionPublicKey` gives it. */
export function walletBoxOf(privateKey: Hex): nacl.BoxKeyPair {
  return nacl.box.keyPair.fromSecretKey(hexToBytes(privateKey))
}

/** What is said of a key on chain: it decides what a token is bound to. */
export function commitmentOf(material: KeyMaterial): Hex {
  switch (material.delivery) {
    case 'key':
      return accessKeyOf(hexToBytes(`0x${material.key}`)).commitment
    case 'wallet':
      return walletCommitmentOf(material.publicKey)
    case 'proof':
      return thumbprintOf(material.jwk)
  }
}

/** A hash as tokens and services write it. */
export function digestOf(commitment: Hex): string {
  return encodeBytes(hexToBytes(commitment))
}

/** What the accounts service keeps of a project's key: another hash than the one that the chain names. */
export function projectKeyHashOf({ key }: AccessMaterial): string {
  return digestOf(sha256(projectKeyInput(hexToBytes(`0x${key}`))))
}

/** RFC 7638. */
function thumbprintOf({ x, y }: ProofJwk): Hex {
  return sha256(stringToHex(JSON.stringify({ crv: 'P-256', kty: 'EC', x, y })))
}
