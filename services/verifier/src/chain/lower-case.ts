import type { Hex } from 'viem'

/** One way to write what may come in either case, so that equal things compare equal. */
export function lowerCase(hex: string): Hex {
  // The same digits after the same 0x.
  return hex.toLowerCase() as Hex
}
