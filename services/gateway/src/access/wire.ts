import type { AccessChanges, AccountAnswer, KeyRecord } from '@mooring/protocol/access/key-record'
import type { BoundToken, GroupJwk, RevocationList } from '@mooring/protocol/access/verifier-wire'
import { z } from 'zod'

/** Shapes of what verifiers and the accounts service answer; members that are not named are passed over. */
const seconds = z
  .int()
  .min(0)
  .max(10 ** 11)
const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const address = z.custom<`0x${string}`>(
  (value) => typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value),
)
const signature = z.custom<`0x${string}`>(
  (value) => typeof value === 'string' && /^0x[0-9a-fA-F]{130}$/.test(value),
)

const groupJwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  alg: z.literal('EdDSA'),
  use: z.literal('sig'),
  kid: digest,
  x: digest,
  'mooring:from': seconds,
  'mooring:until': seconds.nullable(),
  'mooring:signatures': z.array(z.object({ verifier: address, signature })).max(64),
})

/** Entries that are none of ours may stand beside the others. */
const groupKeySet = z.object({
  keys: z.array(z.unknown()).max(16),
  'mooring:ended': z.array(z.unknown()).max(64).default([]),
})

/** @returns Keys that are listed as good and those that are listed as ended at once, whoever signed that. */
export function parseKeySet(value: unknown): { keys: GroupJwk[]; ended: GroupJwk[] } | undefined {
  const parsed = groupKeySet.safeParse(value)
  if (!parsed.success) return undefined
  const readable = (keys: readonly unknown[]) =>
    keys.flatMap((key) => groupJwk.safeParse(key).data ?? [])
  const { keys, 'mooring:ended': ended } = parsed.data
  return { keys: readable(keys), ended: readable(ended) }
}

const boundToken = z.object({ token: z.string().max(4_096) })

export function parseBoundToken(value: unknown): BoundToken | undefined {
  return boundToken.safeParse(value).data
}

const revocationList = z.object({
  next: z.int().min(0),
  revocations: z.array(
    z.object({
      jti: digest,
      reason: z.enum(['orphaned', 'rekeyed', 'withdrawn']),
      revokedAt: seconds,
      verifier: address,
      signature,
    }),
  ),
})

export function parseRevocations(value: unknown): RevocationList | undefined {
  return revocationList.safeParse(value).data
}

const list = z.array(z.string().max(256)).max(1_000)

const keyRecord = z.object({
  id: z.uuid(),
  keyHash: digest,
  account: z.string().max(128),
  name: z.string().max(128),
  status: z.enum(['active', 'frozen', 'revoked']),
  expiresAt: seconds.nullable(),
  restrictions: z.object({
    origins: list,
    addresses: list,
    contracts: list,
    methods: list,
    chains: list,
  }),
  creditsPerDayMax: z.string().max(78).nullable(),
})

export function parseKeyRecord(value: unknown): KeyRecord | undefined {
  return keyRecord.safeParse(value).data
}

const accountAnswer = z.object({
  record: z.object({
    account: z.string().max(128),
    tier: z.enum(['community', 'premium', 'enterprise']),
    status: z.enum(['active', 'exhausted', 'frozen']),
  }),
  tokens: z.array(z.string().max(4_096)).max(64),
})

export function parseAccountAnswer(value: unknown): AccountAnswer | undefined {
  return accountAnswer.safeParse(value).data
}

const accessChanges = z.object({
  cursor: z.string().max(256),
  reset: z.boolean(),
  changes: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('key'), keyHash: digest }),
      z.object({ kind: z.literal('account'), account: z.string().max(128) }),
    ]),
  ),
})

export function parseChanges(value: unknown): AccessChanges | undefined {
  return accessChanges.safeParse(value).data
}
