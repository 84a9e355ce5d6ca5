import type { Hex } from 'viem'
import { z } from 'zod'
import { parseBytes, parseRound1 } from './frost.ts'

/** What members ask each other while they make a key. Every question may be asked again; none changes anything. */
export type CeremonyQuestion =
  | { kind: 'hello'; generation: number }
  | { kind: 'echo'; generation: number }
  | { kind: 'share'; generation: number; transcript: Hex }
  | { kind: 'confirm'; generation: number; transcript: Hex }
  /** Of a key that another one has taken the place of: its signature for when the last token ends. */
  | { kind: 'end'; generation: number; usedUntil: number }

/** `wait`: not so far yet. `differs`: it follows another transcript. `made`: it has a key of that generation or later. */
export type CeremonyAnswer =
  | { kind: 'wait' }
  | { kind: 'differs' }
  | { kind: 'made'; generation: number }
  | { kind: 'hello'; round1: unknown; nonce: string; usedFrom: number }
  | { kind: 'echo'; transcript: Hex }
  | { kind: 'share'; signingShare: string }
  /** It has its share of this key on disk, and signs for it. */
  | { kind: 'confirmed'; signature: Hex }
  /** Everyone has confirmed. */
  | { kind: 'active'; signatures: { verifier: string; signature: string }[] }
  | { kind: 'ended'; signature: Hex }

const generation = z.int().positive()
const transcript = z
  .string()
  .regex(/^0x[0-9a-f]{64}$/)
  .transform((text) => text as Hex)
const signature = z
  .string()
  .regex(/^0x[0-9a-f]{130}$/i)
  .transform((text) => text as Hex)

export const ceremonyQuestion = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), generation }),
  z.strictObject({ kind: z.literal('echo'), generation }),
  z.strictObject({ kind: z.literal('share'), generation, transcript }),
  z.strictObject({ kind: z.literal('confirm'), generation, transcript }),
  z.strictObject({ kind: z.literal('end'), generation, usedUntil: z.int().nonnegative() }),
])

const answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('wait') }),
  z.object({ kind: z.literal('differs') }),
  z.object({ kind: z.literal('made'), generation }),
  z.object({
    kind: z.literal('hello'),
    round1: z.unknown().transform(parseRound1),
    nonce: z.string().max(64),
    usedFrom: z.int().nonnegative(),
  }),
  z.object({ kind: z.literal('echo'), transcript }),
  z.object({ kind: z.literal('share'), signingShare: z.unknown().transform(parseBytes) }),
  z.object({ kind: z.literal('confirmed'), signature }),
  z.object({ kind: z.literal('ended'), signature }),
  z.object({
    kind: z.literal('active'),
    signatures: z.array(z.object({ verifier: z.string(), signature })).max(64),
  }),
])

/** Throws what zod throws on anything else. */
export const parseCeremonyAnswer = (value: unknown) => answer.parse(value)
export type ParsedAnswer = z.output<typeof answer>
