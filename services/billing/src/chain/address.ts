import { parseAccountName } from '@mooring/protocol/access/names'

/** Throws for what is no account's name: those of the books are. */
export function addressOf(account: string): `0x${string}` {
  const name = parseAccountName(account)
  if (name === undefined) throw new Error('this is no name of an account')
  return name.address as `0x${string}`
}
