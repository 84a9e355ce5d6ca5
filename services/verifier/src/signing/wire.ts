import {
  deliveries,
  type SignedAttestation,
  type TokenRequest,
  type VerifierProblemCode,
  verifierProblems,
} from '@mooring/protocol/access/verifier-wire'
import type { Hex } from 'viem'
import { z } from 'zod'
import { parseBytes, parseCommitments } from '../group/frost.ts'

/** What clients and other verifiers send, checked member by member. */

const hex = (bytes: number, what: string) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-fA-F]{${bytes * 2}}$`), `is no ${what}: 0x and ${bytes * 2} digits`)
    .transform((text) => text.toLowerCase() as Hex)
const hash = hex(32, 'hash')
/** Lower case, so that what verifiers say alike is the same text. */
const address = hex(20, 'address')
const seconds = z.int().nonnegative()
/** A contract wallet's signature may be long: it holds what deploys the wallet. */
const signature = z
  .string()
  .max(8_192)
  .regex(/^0x([0-9a-fA-F]{2})+$/, 'is no signature')
  .transform((text) => text as Hex)
const deliveryNames = Object.keys(deliveries) as [TokenRequest['delivery']]

export const tokenRequest: z.ZodType<TokenRequest> = z.strictObject({
  account: address,
  transactionHash: hash,
  logIndex: z.int().min(0).max(1_000_000),
  keyCommitment: hash,
  delivery: z.enum(deliveryNames),
  deliverTo: hash,
  issuedAt: seconds,
  nonce: hash,
  signature,
})

export const attestationRequest = z.strictObject({
  transactionHash: hash,
  logIndex: z.int().min(0).max(1_000_000),
})

const facts = {
  escrow: address,
  account: address,
  transactionHash: hash,
  logIndex: z.int().nonnegative(),
  amount: z.string().regex(/^\d{1,78}$/),
  life: z.int().nonnegative(),
  blockNumber: z.int().nonnegative(),
  blockHash: hash,
  isFinal: z.boolean(),
}
const signedAttestation: z.ZodType<SignedAttestation> = z.strictObject({
  ...facts,
  verifier: address,
  signature,
})

const id = z.string().max(64)
const commitments = z.unknown().transform(parseCommitments)

/** First question to a signer: does it find the same, and with which nonces would it sign. */
export const prepareQuestion = z.strictObject({
  kind: z.literal('prepare'),
  request: tokenRequest,
  kid: id,
})
/** Second: its share, over claims that it makes itself from what it found. */
export const signQuestion = z.strictObject({
  kind: z.literal('sign'),
  session: id,
  kid: id,
  issuedAt: seconds,
  attestations: z.array(signedAttestation).max(64),
  commitments: z.array(commitments).max(64),
})
export type PrepareQuestion = z.output<typeof prepareQuestion>
export type SignQuestion = z.output<typeof signQuestion>

const refusal = z.object({
  kind: z.literal('refused'),
  code: z.enum(Object.keys(verifierProblems) as [VerifierProblemCode]),
  detail: z.string().max(500),
  confirmations: z.object({ have: z.int(), need: z.int() }).optional(),
})
const prepareAnswer = z.discriminatedUnion('kind', [
  refusal,
  z.object({
    kind: z.literal('prepared'),
    session: id,
    attestation: signedAttestation,
    commitments,
  }),
])
const signAnswer = z.discriminatedUnion('kind', [
  refusal,
  z.object({
    kind: z.literal('share'),
    share: z.unknown().transform((value) => parseBytes(value)),
  }),
])
export const parsePrepareAnswer = (value: unknown) => prepareAnswer.parse(value)
export const parseSignAnswer = (value: unknown) => signAnswer.parse(value)
