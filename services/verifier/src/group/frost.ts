import { decodeBytes, encodeBytes } from '@mooring/protocol/access/token'
import { ed25519_FROST } from '@noble/curves/ed25519.js'
import type { Address } from 'viem'
import { z } from 'zod'

/** FROST-Ed25519 (RFC 9591) as a library has it; this file says how its values look as JSON. */
export const frost = ed25519_FROST

export type Round1 = ReturnType<typeof frost.DKG.round1>['public']
export type Round1Secret = ReturnType<typeof frost.DKG.round1>['secret']
export type FrostKey = ReturnType<typeof frost.DKG.round3>
export type NonceCommitments = ReturnType<typeof frost.commit>['commitments']
export type Nonces = ReturnType<typeof frost.commit>['nonces']

/** Which share is whose follows from the address alone, so that nobody can choose a number. */
export function identifierOf(address: Address): string {
  return frost.Identifier.derive(`mooring verifier ${address.toLowerCase()}`)
}

const bytes = z
  .string()
  .max(200)
  .transform((text, context) => {
    const decoded = decodeBytes(text)
    if (decoded !== undefined) return decoded
    context.addIssue('is no base64url')
    return z.NEVER
  })
const identifier = z.string().regex(/^[0-9a-f]{64}$/)

const round1 = z.object({
  identifier,
  commitment: z.array(bytes).max(64),
  proofOfKnowledge: bytes,
})
const commitments = z.object({ identifier, hiding: bytes, binding: bytes })
const key = z.object({
  public: z.object({
    signers: z.object({ min: z.int(), max: z.int() }),
    commitments: z.array(bytes),
    verifyingShares: z.record(identifier, bytes),
  }),
  secret: z.object({ identifier, signingShare: bytes }),
})

/** All of these throw what zod throws on what is malformed. */
export const parseRound1 = (value: unknown): Round1 => round1.parse(value)
export const parseCommitments = (value: unknown): NonceCommitments => commitments.parse(value)
export const parseFrostKey = (value: unknown): FrostKey => key.parse(value)
export const parseBytes = (value: unknown): Uint8Array<ArrayBuffer> => bytes.parse(value)

/** Bytes become base64url; everything else is JSON already. */
export function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeBytes(value)
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]))
}
