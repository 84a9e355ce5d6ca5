import {
  type BeginAnswer,
  leaseCreditsMax,
  type PostAnswer,
  type PostRefusal,
} from '@mooring/protocol/metering/wire'
import { z } from 'zod'

/** Shapes of what the billing service answers; members that are not named are passed over. */
const count = z.int().min(0)
const durationMs = z.int().positive().max(86_400_000)
const purse = { account: z.string().max(128), key: z.string().max(128) }

const hash = z.string().regex(/^0x[0-9a-f]{64}$/)
const prices = z.object({
  hash,
  next: z.object({ hash, inMs: count }).nullable(),
})

const beginAnswer = z.object({
  prices,
  epoch: z.int().positive(),
  leaseMs: durationMs,
  postMs: durationMs,
})

export function parseBeginAnswer(value: unknown): BeginAnswer | undefined {
  return beginAnswer.safeParse(value).data
}

const postAnswer = z.object({
  last: count,
  grants: z.array(
    z.object({
      ...purse,
      granted: count.max(leaseCreditsMax),
      left: z.string().regex(/^-?\d{1,78}$/),
      reason: z
        .enum(['exhausted', 'period-cap', 'key-cap', 'frozen', 'reserved', 'uncredited'])
        .nullable(),
      retryAfterMs: count.nullable(),
    }),
  ),
  recalls: z.array(z.object(purse)),
  prices,
  state: z.enum(['live', 'closed', 'fenced']),
})

export function parsePostAnswer(value: unknown): PostAnswer | undefined {
  return postAnswer.safeParse(value).data
}

const postRefusal = z.object({
  error: z.enum(['gap', 'unknown', 'malformed']),
  last: count,
  detail: z.string().max(1_024),
})

export function parsePostRefusal(value: unknown): PostRefusal | undefined {
  return postRefusal.safeParse(value).data
}
