import { createDeliveryKey, openSealed } from '@mooring/onchain/access-tokens'
import type { Sealed, WalletEnvelope } from '@mooring/protocol/access/verifier-wire'
import nacl from 'tweetnacl'
import type { Hex } from 'viem'
import { CommandError } from '../exit-codes.ts'
import type { WalletKey } from '../wallet/account.ts'
import type { KeyFile } from './key-file.ts'
import { walletBoxOf } from './key-material.ts'

/** Where a token is sent to, and how what comes is opened. */
export type Delivering = { deliverTo: Hex; open(sealed: Sealed): Promise<string> }

/** Refuses a key that follows from another wallet than the one that signs: nobody could open its token. */
export function assertOpens({ account }: WalletKey, { name, material }: KeyFile): void {
  if (material.delivery !== 'wallet' || material.account === account.address) return
  throw new CommandError(
    'badInput',
    `The key ${name} is that of the wallet ${material.account}, and ${account.address} signs.`,
  )
}

/** A wallet opens with its own key; everything else with one that is made for this request and forgotten. */
export async function deliveringFor({ material }: KeyFile, wallet: WalletKey): Promise<Delivering> {
  if (material.delivery !== 'wallet') {
    const key = await createDeliveryKey()
    return { deliverTo: key.publicKey, open: (sealed) => openSealed(sealed, key) }
  }
  const { secretKey } = walletBoxOf(wallet.privateKey)
  return {
    deliverTo: material.publicKey,
    open: async (sealed) => {
      if (sealed.kind !== 'wallet') throw new Error('the token is not sealed to a wallet')
      return openEnvelope(sealed.envelope, secretKey)
    },
  }
}

/** As `eth_decrypt` does. Throws on what was sealed to another key. */
function openEnvelope(
  { version, nonce, ephemPublicKey, ciphertext }: WalletEnvelope,
  secretKey: Uint8Array,
): string {
  if (version !== 'x25519-xsalsa20-poly1305') throw new Error('the envelope is of another kind')
  const bytes = (text: string) => Uint8Array.fromBase64(text)
  const opened = nacl.box.open(bytes(ciphertext), bytes(nonce), bytes(ephemPublicKey), secretKey)
  if (opened === null) throw new Error('the envelope is sealed to another key')
  return new TextDecoder('utf-8', { fatal: true }).decode(opened)
}
