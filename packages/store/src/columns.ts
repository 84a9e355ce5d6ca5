import { decodeBytes, encodeBytes } from '@mooring/protocol/access/token'

/** How values of ours stand in columns, and come back. */

/** @param text - 32 bytes as base64url. */
export function digestBytes(text: string): Uint8Array {
  const bytes = decodeBytes(text)
  if (bytes?.length !== 32) throw new Error('this is no digest of 32 bytes')
  return bytes
}

export function digestText(bytes: Uint8Array): string {
  return encodeBytes(bytes)
}

/** @param hash - 0x and 64 hexadecimal digits. */
export function hashBytes(hash: string): Uint8Array {
  if (!/^0x[0-9a-fA-F]{64}$/.test(hash)) throw new Error('this is no hash of 32 bytes')
  return Uint8Array.fromHex(hash.slice(2))
}

export function hashText(bytes: Uint8Array): `0x${string}` {
  return `0x${new Uint8Array(bytes).toHex()}`
}

export function timeOf(ms: number): Date
export function timeOf(ms: number | null): Date | null
export function timeOf(ms: number | null): Date | null {
  return ms === null ? null : new Date(ms)
}

export function msOf(time: Date): number
export function msOf(time: Date | null): number | null
export function msOf(time: Date | null): number | null {
  return time === null ? null : time.getTime()
}

/** Whole numbers of any size come as text. */
export function bigintOf(text: string): bigint
export function bigintOf(text: string | null): bigint | null
export function bigintOf(text: string | null): bigint | null {
  return text === null ? null : BigInt(text)
}
