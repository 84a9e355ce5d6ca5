import { type Address, getAddress, type Hex, isAddress } from 'viem'
import { CommandError } from '../exit-codes.ts'

const idMax = 2n ** 64n - 1n

/** The number of a provider, a node or a request. */
export function parseId(text: string, what: string): bigint {
  const id = /^[1-9]\d{0,19}$/.test(text) ? BigInt(text) : 0n
  if (id >= 1n && id <= idMax) return id
  throw new CommandError(
    'badInput',
    `${JSON.stringify(text)} is no number of a ${what}: they count from 1.`,
  )
}

export function parseAddress(text: string, what: string): Address {
  const isPlain = isAddress(text, { strict: false })
  // Letters of both cases are a checksum, and a wrong one is a mistyped address.
  if (isPlain && (text === text.toLowerCase() || isAddress(text))) return getAddress(text)
  throw new CommandError(
    'badInput',
    isPlain
      ? `${text} is mistyped: the letters' case is its checksum, and it does not fit.`
      : `${JSON.stringify(text)} is no ${what}: an address is 0x and 40 hexadecimal digits.`,
  )
}

export function parseHash(text: string, what: string): Hex {
  if (/^0x[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase() as Hex
  throw new CommandError(
    'badInput',
    `${JSON.stringify(text)} is no ${what}: it is 0x and 64 hexadecimal digits.`,
  )
}
