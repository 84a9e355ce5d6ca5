import type { AccessDomain } from '@mooring/onchain/access-statements'
import { derivedKeyOf, keyDerivationData } from '@mooring/onchain/access-tokens'
import type { LocalAccount } from 'viem'
import { CommandError } from '../exit-codes.ts'
import type { KeyMaterial } from './key-material.ts'

/**
 * The access key that follows from a wallet's signature. Asks for it twice: from a wallet that does not sign the same
 * again, the key could never be had again.
 */
export async function deriveMaterial(
  domain: AccessDomain,
  account: Pick<LocalAccount, 'address' | 'signTypedData'>,
): Promise<KeyMaterial> {
  const data = keyDerivationData(domain, account.address)
  const first = await account.signTypedData(data)
  const second = await account.signTypedData(data)
  if (first !== second) {
    throw new CommandError(
      'badInput',
      'This wallet signs the same text differently each time, so the same key could not be made again: leave out --derive, and back up the file of the key.',
    )
  }
  const { key } = await derivedKeyOf(first)
  return { delivery: 'key', key }
}
