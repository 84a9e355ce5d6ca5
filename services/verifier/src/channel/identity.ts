import { readFile } from 'node:fs/promises'
import {
  type AccessDomain,
  type ChannelKeys,
  channelKeysData,
  signerOf,
} from '@mooring/onchain/access-statements'
import * as jose from 'jose'
import type { Address, Hex, LocalAccount } from 'viem'
import { z } from 'zod'
import { writeSecretFile } from '../state/secret-file.ts'

/** What a verifier's messages are signed with and sealed to. Made at the first start, and known to nobody else. */
export type Identity = {
  sign: jose.JWK_OKP_Private
  box: jose.JWK_OKP_Private
}

/** A verifier's channel keys under the signature of its key on chain, which is the only one that others know. */
export type Introduction = { address: Address; keys: ChannelKeys; signature: Hex }

const privateKey = z.strictObject({
  kty: z.literal('OKP'),
  crv: z.enum(['Ed25519', 'X25519']),
  x: z.string(),
  d: z.string(),
})
const identityFile = z.strictObject({ sign: privateKey, box: privateKey })

/** Loads the channel keys of this verifier, or makes them. */
export async function openIdentity(file: string): Promise<Identity> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (Object(error).code === 'ENOENT') return undefined
    throw error
  })
  if (text !== undefined) return identityFile.parse(JSON.parse(text)) as Identity
  const identity = {
    sign: await makeKey('EdDSA', 'Ed25519'),
    box: await makeKey('ECDH-ES', 'X25519'),
  }
  await writeSecretFile(file, JSON.stringify(identity))
  return identity
}

export async function introduce(
  domain: AccessDomain,
  identity: Identity,
  { account, nonce }: { account: LocalAccount; nonce: string },
): Promise<Introduction> {
  const keys = { sign: identity.sign.x, box: identity.box.x }
  const signature = await account.signTypedData(channelKeysData(domain, keys, nonce))
  return { address: account.address, keys, signature }
}

const introduction = z.object({
  address: z.string(),
  keys: z.object({ sign: z.string().max(64), box: z.string().max(64) }),
  signature: z.string().max(200),
})

/** @returns The keys of the verifier of that address; undefined when it was not that verifier that signed, and now. */
export async function parseIntroduction(
  domain: AccessDomain,
  value: unknown,
  { address, nonce }: { address: Address; nonce: string },
): Promise<ChannelKeys | undefined> {
  const parsed = introduction.safeParse(value)
  if (!parsed.success) return undefined
  const { keys, signature } = parsed.data
  const signer = await signerOf(channelKeysData(domain, keys, nonce), signature as Hex)
  return signer?.toLowerCase() === address.toLowerCase() ? keys : undefined
}

async function makeKey(algorithm: string, crv: string): Promise<jose.JWK_OKP_Private> {
  const { privateKey } = await jose.generateKeyPair(algorithm, { crv, extractable: true })
  const { x, d } = (await jose.exportJWK(privateKey)) as jose.JWK_OKP_Private
  return { kty: 'OKP', crv, x, d }
}
