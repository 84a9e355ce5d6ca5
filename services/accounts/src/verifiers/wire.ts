import { tokenLengthMax } from '@mooring/protocol/access/token'
import type {
  BoundToken,
  GroupJwk,
  GroupKeySet,
  SignedAttestation,
  SignedRevocation,
  VerifierProblemCode,
} from '@mooring/protocol/access/verifier-wire'
import { verifierProblems } from '@mooring/protocol/access/verifier-wire'
import { z } from 'zod'

/** What verifiers answer, taken as what it must be: a verifier may say anything. */

type Hex = `0x${string}`
const isHex = (bytes: number) => (value: unknown) =>
  typeof value === 'string' && new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`).test(value)
const address = z.custom<Hex>(isHex(20))
const hash = z.custom<Hex>(isHex(32))
const signature = z.custom<Hex>(isHex(65))
const seconds = z.int().min(0).max(99_999_999_999)

export const attestationAnswer = z.object({
  escrow: address,
  account: address,
  transactionHash: hash,
  logIndex: z.int().min(0),
  amount: z.string().regex(/^(?:0|[1-9]\d{0,76})$/),
  life: z.int().min(0),
  blockNumber: z.int().min(0),
  blockHash: hash,
  isFinal: z.boolean(),
  verifier: address,
  signature,
}) satisfies z.ZodType<SignedAttestation>

const codes = Object.keys(verifierProblems) as [VerifierProblemCode, ...VerifierProblemCode[]]
export const problemAnswer = z.object({
  code: z.enum(codes),
  confirmations: z.object({ have: z.int().min(0), need: z.int().min(1) }).optional(),
  retryAfterSeconds: z.int().min(0).optional(),
})

const revocationsAtOnceMax = 10_000
export const revocationsAnswer = z.object({
  next: z.int().min(0),
  revocations: z
    .array(
      z.object({
        jti: z.string().min(1).max(128),
        reason: z.enum(['orphaned', 'rekeyed', 'withdrawn']),
        revokedAt: seconds,
        verifier: address,
        signature,
      }) satisfies z.ZodType<SignedRevocation>,
    )
    .max(revocationsAtOnceMax),
})

export const tokenAnswer = z.object({
  token: z.string().max(tokenLengthMax),
}) satisfies z.ZodType<BoundToken>

const digestText = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
/** Members that mean nothing here are kept: what the verifiers signed may be over them. */
const groupJwk = z
  .looseObject({
    kty: z.literal('OKP'),
    crv: z.literal('Ed25519'),
    kid: digestText,
    x: digestText,
    'mooring:from': seconds,
    'mooring:until': seconds.nullable(),
    'mooring:signatures': z.array(z.object({ verifier: address, signature })).max(100),
  })
  // `alg` and `use` follow from the curve and the place it stands at.
  .transform((key) => key as unknown as GroupJwk)

export const keySetAnswer = z.object({
  keys: z.array(groupJwk).max(20),
  'mooring:ended': z.array(groupJwk).max(64).default([]),
}) satisfies z.ZodType<GroupKeySet>
