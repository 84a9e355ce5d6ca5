import type { ChannelKeys } from '@mooring/onchain/access-statements'
import { clockLeewaySeconds } from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import * as jose from 'jose'
import type { Address } from 'viem'
import { z } from 'zod'
import type { Identity } from './identity.ts'

/**
 * Messages between verifiers: signed by the sender, then sealed to the receiver (JWS in JWE), so that nobody else reads
 * them, nobody makes one in another's name, and none counts twice. They may travel over anything.
 */
export type Message = {
  from: Address
  /** Of this message; an answer repeats it as `re`. */
  id: string
  re: string | undefined
  body: unknown
}

/** Why a message was not taken. Told to logs, never to its sender. */
export class BadMessage extends Error {
  override name = 'BadMessage'
}

export type ChannelContext = {
  address: Address
  identity: Identity
  clock: Clock
  /** Keys of another verifier; undefined for who is none. */
  keysOf(address: Address): Promise<ChannelKeys | undefined>
}

export type Channel = {
  seal(body: unknown, to: Address, re?: string): Promise<{ text: string; id: string }>
  /** Throws `BadMessage`. */
  open(text: string): Promise<Message>
}

export const messageBytesMax = 1_048_576
/** Messages whose ids are remembered; older ones are refused by their time. */
const rememberedMax = 100_000
const type = 'mooring-peer+jwt'

const content = z.strictObject({
  from: z.string(),
  to: z.string(),
  id: z.string().max(64),
  re: z.string().max(64).optional(),
  iat: z.number(),
  body: z.unknown(),
})

export async function createChannel(context: ChannelContext): Promise<Channel> {
  const { address, clock, identity } = context
  const signKey = await importKey(identity.sign, 'EdDSA')
  const boxKey = await importKey(identity.box, 'ECDH-ES')
  const seen = createSeen(clock)
  return {
    async seal(body, to, re) {
      const keys = await keysOf(context, to)
      const id = crypto.randomUUID()
      const iat = Math.floor(clock.wallMs() / 1_000)
      const text = JSON.stringify({ from: address, to, id, re, iat, body })
      const signed = await new jose.CompactSign(new TextEncoder().encode(text))
        .setProtectedHeader({ alg: 'EdDSA', typ: type })
        .sign(signKey)
      const sealed = await new jose.CompactEncrypt(new TextEncoder().encode(signed))
        .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', cty: type, skid: address })
        .encrypt(await importKey({ kty: 'OKP', crv: 'X25519', x: keys.box }, 'ECDH-ES'))
      return { text: sealed, id }
    },
    async open(text) {
      if (text.length > messageBytesMax) throw new BadMessage('it is too large')
      const signed = await decrypt(text, boxKey)
      const claimed = senderOf(text)
      const keys = await keysOf(context, claimed)
      const message = content.safeParse(await verify(signed, keys))
      if (!message.success) throw new BadMessage('it has not the form of a message')
      const { from, to, id, re, iat, body } = message.data
      if (from.toLowerCase() !== claimed.toLowerCase()) throw new BadMessage('it names two senders')
      if (to.toLowerCase() !== address.toLowerCase()) throw new BadMessage('it is for another')
      const ageSeconds = Math.abs(clock.wallMs() / 1_000 - iat)
      if (ageSeconds > clockLeewaySeconds) throw new BadMessage('it is of another time')
      if (!seen.isNew(`${claimed}/${id}`)) throw new BadMessage('it came before')
      return { from: claimed, id, re, body }
    },
  }
}

async function keysOf(context: ChannelContext, address: Address): Promise<ChannelKeys> {
  const keys = await context.keysOf(address)
  if (keys === undefined) throw new BadMessage(`${address} is no verifier that is known here`)
  return keys
}

async function decrypt(text: string, key: jose.CryptoKey | Uint8Array): Promise<string> {
  try {
    const { plaintext } = await jose.compactDecrypt(text, key, {
      keyManagementAlgorithms: ['ECDH-ES'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    return new TextDecoder().decode(plaintext)
  } catch {
    throw new BadMessage('it is not sealed to this verifier')
  }
}

async function verify(signed: string, { sign }: ChannelKeys): Promise<unknown> {
  try {
    const key = await importKey({ kty: 'OKP', crv: 'Ed25519', x: sign }, 'EdDSA')
    const { payload } = await jose.compactVerify(signed, key, { algorithms: ['EdDSA'] })
    return JSON.parse(new TextDecoder().decode(payload))
  } catch {
    throw new BadMessage('its signature is not that of its sender')
  }
}

/** Whom a sealed message says it is from; only its signature tells whether that is so. */
function senderOf(text: string): Address {
  const { skid } = jose.decodeProtectedHeader(text)
  if (typeof skid !== 'string' || !/^0x[0-9a-fA-F]{40}$/.test(skid)) {
    throw new BadMessage('it names no sender')
  }
  return skid as Address
}

function importKey(jwk: jose.JWK, algorithm: string) {
  return jose.importJWK(jwk, algorithm)
}

/** Ids of messages for as long as their time would be taken. */
function createSeen(clock: Clock): { isNew(id: string): boolean } {
  const untilMs = new Map<string, number>()
  return {
    isNew(id) {
      const nowMs = clock.nowMs()
      for (const [old, until] of untilMs) {
        if (until > nowMs && untilMs.size < rememberedMax) break
        untilMs.delete(old)
      }
      if (untilMs.has(id)) return false
      // On either side of now, so twice as long.
      untilMs.set(id, nowMs + 2 * clockLeewaySeconds * 1_000)
      return true
    },
  }
}
