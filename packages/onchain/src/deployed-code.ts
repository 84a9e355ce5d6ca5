import { runtimeCode } from '@mooring/abis/runtime'
import { type Hex, keccak256, toBytes } from 'viem'

/**
 * Whether code that stands on a chain is that of a contract of this version. What its constructor filled in is left
 * out, so this says nothing of the addresses it was given.
 */
export function isCodeOf(artifact: keyof typeof runtimeCode, code: Hex): boolean {
  const { hash, gaps } = runtimeCode[artifact]
  return maskedCodeHash(code, gaps) === hash
}

/** @param gaps - Start and length in bytes of what becomes zeros; what is past the end of the code is left out. */
export function maskedCodeHash(
  code: Hex,
  gaps: readonly (readonly [start: number, length: number])[],
): Hex {
  const bytes = toBytes(code)
  for (const [start, length] of gaps) bytes.fill(0, start, start + length)
  return keccak256(bytes)
}
