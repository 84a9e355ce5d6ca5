import { decodeBytes } from '@mooring/protocol/access/token'
import type { Delivery, Sealed, TokenRequest } from '@mooring/protocol/access/verifier-wire'
import * as jose from 'jose'
import {
  type Account,
  bytesToHex,
  concat,
  type Hex,
  type LocalAccount,
  sha256,
  stringToHex,
} from 'viem'
import { type AccessDomain, accessRequestData } from './access-statements.ts'

/** The client's side of getting a token: what it makes, what it signs, and how it opens what it is sent. */

/** A key that is sent along with requests, 64 hexadecimal digits, and what is said of it on chain. */
export type AccessKey = { key: string; commitment: Hex }

/** @param bytes - 32 bytes of chance, or derived from a signature by `derivedKeyOf`. */
export function accessKeyOf(bytes: Uint8Array): AccessKey {
  if (bytes.length !== 32) throw new Error('an access key has 32 bytes')
  const hex = bytesToHex(bytes)
  return { key: hex.slice(2), commitment: sha256(hex) }
}

/**
 * What is said on chain of the encryption key of a wallet. Everyone may see that key, so its commitment has a form that
 * the hash of an access key cannot have: otherwise it could be used as one.
 */
export function walletCommitmentOf(publicKey: Hex): Hex {
  return sha256(concat([stringToHex('mooring wallet key v1'), publicKey]))
}

/**
 * Signed by a wallet that is to keep no key: the access key follows from the signature, so that it can be had again.
 * Only for wallets that sign the same twice; asking twice and comparing tells.
 */
export function keyDerivationData({ chainId, ankrEscrow }: AccessDomain, account: Hex) {
  return {
    domain: { name: 'MooringAccessKey', version: '1', chainId, verifyingContract: ankrEscrow },
    types: {
      AccessKey: [
        { name: 'account', type: 'address' },
        { name: 'warning', type: 'string' },
      ],
    },
    primaryType: 'AccessKey',
    message: {
      account,
      warning:
        'Whoever has this signature can use the deposit. Sign it for your own Mooring client only.',
    },
  } as const
}

export async function derivedKeyOf(signature: Hex): Promise<AccessKey> {
  const secret = await crypto.subtle.importKey('raw', bytesOf(signature), 'HKDF', false, [
    'deriveBits',
  ])
  const info = new TextEncoder().encode('mooring access key v1')
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    secret,
    256,
  )
  return accessKeyOf(new Uint8Array(bits))
}

/** Made for one request; whoever holds it opens what comes back. */
export type DeliveryKey = { publicKey: Hex; privateKey: jose.CryptoKey }

export async function createDeliveryKey(): Promise<DeliveryKey> {
  const { publicKey, privateKey } = await jose.generateKeyPair('ECDH-ES', { crv: 'X25519' })
  const { x = '' } = await jose.exportJWK(publicKey)
  const bytes = decodeBytes(x)
  if (bytes === undefined) throw new Error('a new key has no public part')
  return { publicKey: bytesToHex(bytes), privateKey }
}

export type TokenWish = {
  transactionHash: Hex
  logIndex: number
  keyCommitment: Hex
  delivery: Delivery
  deliverTo: Hex
}

/** Signs a wish for a token. Good for five minutes. */
export async function signTokenRequest(
  domain: AccessDomain,
  account: LocalAccount | (Account & Pick<LocalAccount, 'signTypedData'>),
  wish: TokenWish,
  nowMs: number,
): Promise<TokenRequest> {
  const request = {
    ...wish,
    account: account.address,
    issuedAt: Math.floor(nowMs / 1_000),
    nonce: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
  }
  const signature = await account.signTypedData(accessRequestData(domain, request))
  return { ...request, signature }
}

/** Opens a token that was sealed to a delivery key. Throws on one that was not. */
export async function openSealed(sealed: Sealed, { privateKey }: DeliveryKey): Promise<string> {
  if (sealed.kind !== 'jwe') throw new Error('the token is sealed to the key of a wallet')
  const { plaintext } = await jose.compactDecrypt(sealed.jwe, privateKey, {
    keyManagementAlgorithms: ['ECDH-ES'],
    contentEncryptionAlgorithms: ['A256GCM'],
  })
  return new TextDecoder().decode(plaintext)
}

function bytesOf(hex: Hex): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(hex.slice(2))
}
