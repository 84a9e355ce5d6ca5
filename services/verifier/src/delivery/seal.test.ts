import { expect, test } from 'bun:test'
import { decrypt, getEncryptionPublicKey } from '@metamask/eth-sig-util'
import * as jose from 'jose'
import { bytesToHex, type Hex } from 'viem'
import { sealToken } from './seal.ts'

const token = 'aaa.bbb.ccc'

test("a token for a wallet's own key is opened by the wallet's own library", async () => {
  const privateKey = crypto.getRandomValues(new Uint8Array(32)).toHex()
  const publicKey = Uint8Array.fromBase64(getEncryptionPublicKey(privateKey))
  const sealed = await sealToken(token, { delivery: 'wallet', deliverTo: bytesToHex(publicKey) })
  if (sealed.kind !== 'wallet') throw new Error('it is sealed in another way')
  expect(JSON.stringify(sealed)).not.toContain(token)
  expect(decrypt({ encryptedData: sealed.envelope, privateKey })).toBe(token)
})

test('a token for a key of the client is a JWE that any JOSE library opens', async () => {
  const { publicKey, privateKey } = await jose.generateKeyPair('ECDH-ES', { crv: 'X25519' })
  const { x } = await jose.exportJWK(publicKey)
  const deliverTo: Hex = bytesToHex(Uint8Array.fromBase64(x ?? '', { alphabet: 'base64url' }))
  const sealed = await sealToken(token, { delivery: 'key', deliverTo })
  if (sealed.kind !== 'jwe') throw new Error('it is sealed in another way')
  const { plaintext, protectedHeader } = await jose.compactDecrypt(sealed.jwe, privateKey)
  expect(new TextDecoder().decode(plaintext)).toBe(token)
  expect(protectedHeader).toMatchObject({ alg: 'ECDH-ES', enc: 'A256GCM', cty: 'at+jwt' })
})
