import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js'

/** `0x` and lower-case digits. */
export type Hex = `0x${string}`

/** keccak256. Passed in, because the fastest there is has to be opened before it can be used. */
export type Keccak = (bytes: Uint8Array) => Uint8Array

export const zeroHash: Hex = `0x${'0'.repeat(64)}`

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`
}

export function fromHex(hex: Hex): Uint8Array {
  return hexToBytes(hex.slice(2))
}

export function hashText(keccak: Keccak, text: string): Uint8Array {
  return keccak(utf8ToBytes(text))
}

const wordBytes = 32

/** A value of one ABI word: a number, or at most 32 bytes as they stand at the end of the word. */
export type Word = bigint | Hex | Uint8Array

/** What Solidity's `abi.encode` makes of static values. Throws RangeError for what does not fit into a word. */
export function abiWords(values: readonly Word[]): Uint8Array {
  const bytes = new Uint8Array(values.length * wordBytes)
  for (const [at, value] of values.entries()) writeWord(bytes, at * wordBytes, value)
  return bytes
}

/** Big-endian into `length` bytes, a multiple of 8; throws RangeError where it does not fit. */
export function writeUint(
  bytes: Uint8Array,
  value: bigint,
  { at, length }: { at: number; length: number },
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, length)
  let rest = value
  for (let place = length - 8; place >= 0; place -= 8) {
    view.setBigUint64(place, BigInt.asUintN(64, rest))
    rest >>= 64n
  }
  // A negative one ends in -1.
  if (rest !== 0n) throw new RangeError(`${value} does not fit into ${length} bytes`)
}

/** A short text as `bytes32`, the way the registry holds the names of chains. */
export function shortText(text: string): Uint8Array {
  const bytes = utf8ToBytes(text)
  if (bytes.length > wordBytes) throw new RangeError(`${text} has more than ${wordBytes} bytes`)
  const word = new Uint8Array(wordBytes)
  word.set(bytes)
  return word
}

function writeWord(bytes: Uint8Array, at: number, value: Word): void {
  if (typeof value === 'bigint') {
    writeUint(bytes, value, { at, length: wordBytes })
    return
  }
  const given = typeof value === 'string' ? fromHex(value) : value
  if (given.length > wordBytes) throw new RangeError(`${given.length} bytes are more than a word`)
  bytes.set(given, at + wordBytes - given.length)
}
