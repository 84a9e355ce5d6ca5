import { type AccessDomain, groupKeyData } from '@mooring/onchain/access-statements'
import { encodeBytes } from '@mooring/protocol/access/token'
import type { GroupJwk } from '@mooring/protocol/access/verifier-wire'
import * as jose from 'jose'
import type { Address, Hex } from 'viem'
import { z } from 'zod'
import { type FrostKey, parseFrostKey, toJson } from './frost.ts'

/** A key that the verifiers made together, and this verifier's share of it. */
export type GroupKey = {
  /** Counted from 1; each is made anew by all members. */
  generation: number
  /** RFC 7638 thumbprint of the public key. */
  kid: string
  /** Seconds since 1970 from which tokens are signed with it. */
  usedFrom: number
  /** In ascending order. Fewer than `threshold` of them can do nothing. */
  members: readonly Address[]
  threshold: number
  /** Of all that was said in the ceremony that made it. */
  transcript: Hex
  frost: FrostKey
  /** Of every member, by its key on chain; fewer until the ceremony is over. */
  signatures: readonly KeySignature[]
  /**
   * When its last token has ended, once another key has taken its place and as many as the threshold signed for that;
   * `usedFrom` itself where it ended at once.
   */
  end?: { usedUntil: number; signatures: readonly KeySignature[] } | undefined
  /** Of verifiers that want it to end at once, as long as they are too few. */
  endVotes?: readonly KeySignature[] | undefined
}

export type KeySignature = { verifier: Address; signature: Hex }

/** Whether it signs nothing any more, and nothing that it signed counts. */
export function isEnded({ end, usedFrom }: GroupKey): boolean {
  return end !== undefined && end.usedUntil <= usedFrom
}

export type UnsignedJwk = Omit<GroupJwk, 'mooring:signatures'>

export function publicKeyOf({ public: { commitments } }: FrostKey): Uint8Array {
  const [first] = commitments
  if (first === undefined) throw new Error('a group key has no public key')
  return first
}

export async function jwkOf(
  frost: FrostKey,
  usedFrom: number,
  usedUntil: number | null = null,
): Promise<UnsignedJwk> {
  const x = encodeBytes(publicKeyOf(frost))
  const kid = await jose.calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x })
  return {
    ...{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig' },
    ...{ kid, x, 'mooring:from': usedFrom, 'mooring:until': usedUntil },
  }
}

/** As it is published. */
export async function publicJwkOf({
  frost,
  usedFrom,
  signatures,
  end,
}: GroupKey): Promise<GroupJwk> {
  const jwk = await jwkOf(frost, usedFrom, end?.usedUntil)
  return { ...jwk, 'mooring:signatures': [...(end?.signatures ?? signatures)] }
}

export async function statementOf(
  domain: AccessDomain,
  frost: FrostKey,
  usedFrom: number,
  usedUntil: number | null = null,
) {
  return groupKeyData(domain, await jwkOf(frost, usedFrom, usedUntil))
}

const signatures = z.array(z.object({ verifier: z.string(), signature: z.string() }))
const stored = z.strictObject({
  generation: z.int().positive(),
  kid: z.string(),
  usedFrom: z.int().nonnegative(),
  members: z.array(z.string()),
  threshold: z.int(),
  transcript: z.string(),
  frost: z.unknown(),
  signatures,
  end: z.object({ usedUntil: z.int(), signatures }).optional(),
  endVotes: signatures.optional(),
})

export function formatGroupKey(key: GroupKey): string {
  return JSON.stringify({ ...key, frost: toJson(key.frost) })
}

/** Throws on what `formatGroupKey` did not write. */
export function parseGroupKey(text: string): GroupKey {
  const { frost, ...rest } = stored.parse(JSON.parse(text))
  // Written by us from these types.
  return { ...rest, frost: parseFrostKey(frost) } as GroupKey
}
