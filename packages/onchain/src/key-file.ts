import { Hex, Keystore } from 'ox'
import type { Hex as HexText } from 'viem'

/**
 * The private key in a keystore of version 3 (Web3 Secret Storage), as `cast wallet import` and geth write it. Throws where
 * the text is none, and where the password does not open it.
 */
export function openKeystore(text: string, password: string): HexText {
  const keystore = parseKeystore(text)
  try {
    // The asynchronous one takes no notice of the cost parameters that stand in the file.
    const derived = Keystore.toKey(keystore, { password })
    return Keystore.decrypt(keystore, derived, { as: 'Hex' })
  } catch (cause) {
    throw new Error('the password does not open it', { cause })
  }
}

function parseKeystore(text: string): Keystore.Keystore {
  try {
    const value: Keystore.Keystore = JSON.parse(text)
    if (value.version === 3 && Hex.validate(`0x${value.crypto.ciphertext}`)) return value
  } catch {
    // Told below like any other file that is not one.
  }
  throw new Error('no keystore of version 3, such as `cast wallet import` or geth write')
}
