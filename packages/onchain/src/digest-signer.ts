import { createRequire } from 'node:module'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { type Address, bytesToHex, type Hex, hexToBytes } from 'viem'
import { openKeccak } from './keccak.ts'

/**
 * Signs digests with one key and tells who signed: as Ethereum has it, 65 bytes with 27 or 28 at the end. For what is signed
 * amid relays; the native library takes a tenth of the time of the one in TypeScript, which stands in where there is no
 * native one.
 */
export type DigestSigner = {
  address: Address
  sign(digest: Uint8Array): Hex
}

/** Throws where it is no private key. */
export function createDigestSigner(privateKey: Hex): DigestSigner {
  const key = hexToBytes(privateKey)
  const address = addressOf(secp256k1.getPublicKey(key, false))
  return {
    address,
    sign(digest) {
      const { signature, recovery } = curve.sign(digest, key)
      const bytes = new Uint8Array(65)
      bytes.set(signature)
      bytes[64] = 27 + recovery
      return bytesToHex(bytes)
    },
  }
}

/** @returns In lower case; undefined where the signature is none. One that somebody has turned into another is none. */
export function recoverSigner(digest: Uint8Array, signature: Hex): Address | undefined {
  if (signature.length !== 132) return undefined
  try {
    const bytes = hexToBytes(signature)
    const recovery = (bytes[64] ?? 0) - 27
    if (recovery !== 0 && recovery !== 1) return undefined
    const compact = bytes.subarray(0, 64)
    if (isHigh(compact.subarray(32))) return undefined
    return addressOf(curve.recover(digest, compact, recovery))
  } catch {
    return undefined
  }
}

type Curve = {
  sign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array; recovery: number }
  /** @returns 65 bytes. */
  recover(digest: Uint8Array, signature: Uint8Array, recovery: number): Uint8Array
}

const inTypeScript: Curve = {
  sign(digest, key) {
    const bytes = secp256k1.sign(digest, key, { prehash: false, format: 'recovered' })
    return { signature: bytes.subarray(1), recovery: bytes[0] ?? 0 }
  },
  recover(digest, signature, recovery) {
    const bytes = new Uint8Array(65)
    bytes[0] = recovery
    bytes.set(signature, 1)
    const compressed = secp256k1.recoverPublicKey(bytes, digest, { prehash: false })
    return secp256k1.Point.fromBytes(compressed).toBytes(false)
  },
}

/** What this file uses of the package. */
type Native = {
  ecdsaSign(digest: Uint8Array, key: Uint8Array): { signature: Uint8Array; recid: number }
  ecdsaRecover(
    signature: Uint8Array,
    recovery: number,
    digest: Uint8Array,
    compressed: boolean,
  ): Uint8Array
}

/** Where it was not built for this system the package has another one in JavaScript, which is not for keys. */
const nativePart = 'secp256k1/bindings.js'

function openCurve(): Curve {
  let native: Native
  try {
    native = createRequire(import.meta.url)(nativePart)
  } catch {
    return inTypeScript
  }
  return {
    sign(digest, key) {
      const { signature, recid } = native.ecdsaSign(digest, key)
      return { signature, recovery: recid }
    },
    recover: (digest, signature, recovery) =>
      native.ecdsaRecover(signature, recovery, digest, false),
  }
}

const curve = openCurve()
const keccak = await openKeccak()

/** Both are there to be compared. */
export const curves = { chosen: curve, inTypeScript } as const

function addressOf(publicKey: Uint8Array): Address {
  return bytesToHex(keccak(publicKey.subarray(1)).subarray(12))
}

const halfOrder = secp256k1.Point.Fn.ORDER >> 1n

/** Of a signature's two forms contracts take the lower one alone. */
function isHigh(s: Uint8Array): boolean {
  return BigInt(bytesToHex(s)) > halfOrder
}
