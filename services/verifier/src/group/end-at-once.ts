import { countingSignatures } from '@mooring/onchain/access-statements'
import type { Address, Hex } from 'viem'
import { z } from 'zod'
import type { EndingContext } from './endings.ts'
import { type GroupKey, isEnded, type KeySignature, statementOf } from './group-key.ts'
import type { VerifierSet } from './membership.ts'

/** Told to another verifier: who wants a key to end at once. It answers with all whom it knows of. */
export const endVotesQuestion = z.strictObject({
  kind: z.literal('endVotes'),
  kid: z.string().max(64),
  votes: z.array(z.unknown()).max(64),
})
export type EndVotesQuestion = { kind: 'endVotes'; kid: string; votes: readonly unknown[] }
export type EndVotesAnswer = { kind: 'endVotes'; votes: readonly KeySignature[] }

const vote = z.object({
  verifier: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
  signature: z.string().regex(/^0x[0-9a-fA-F]{130}$/),
})
const votesAnswer = z.object({ kind: z.literal('endVotes'), votes: z.array(z.unknown()).max(64) })

/**
 * @returns Those that have the form of a vote, one of each verifier: more would cost a check each and count for nothing.
 *   Whether they count is seen by `withVotes`.
 */
export function parseVotes(votes: readonly unknown[]): KeySignature[] {
  const byVerifier = new Map<string, KeySignature>()
  for (const one of votes) {
    const { data } = vote.safeParse(one)
    if (data === undefined) continue
    // Their form is checked above.
    const { verifier, signature } = data as { verifier: Address; signature: Hex }
    byVerifier.set(verifier.toLowerCase(), { verifier, signature })
  }
  return [...byVerifier.values()]
}

/** Of an answer of another verifier; empty for any other. */
export function parseVotesAnswer(value: unknown): KeySignature[] {
  return parseVotes(votesAnswer.safeParse(value).data?.votes ?? [])
}

/** All who are known to want the end of a key. */
export function votesFor(key: GroupKey): readonly KeySignature[] {
  return isEnded(key) ? (key.end?.signatures ?? []) : (key.endVotes ?? [])
}

/** This verifier's own vote: that the time of the key is empty. At any moment it is the same statement. */
export async function signVote(
  { domain, account }: Pick<EndingContext, 'domain' | 'account'>,
  key: GroupKey,
): Promise<KeySignature> {
  const statement = await endStatement(domain, key)
  return { verifier: account.address, signature: await account.signTypedData(statement) }
}

/**
 * The key with more votes, and ended once those of as many verifiers as the threshold are there. Verifiers are those
 * that the chain has now, because those are the ones that gateways believe.
 *
 * @returns The key itself where nothing is new.
 */
export async function withVotes(
  domain: EndingContext['domain'],
  key: GroupKey,
  { votes, set }: { votes: readonly KeySignature[]; set: VerifierSet },
): Promise<GroupKey> {
  if (isEnded(key)) return key
  const had = key.endVotes ?? []
  const statement = await endStatement(domain, key)
  const all = await countingSignatures(set, statement, [...had, ...votes])
  if (all.length >= set.threshold) {
    const { endVotes: _, ...rest } = key
    return { ...rest, end: { usedUntil: key.usedFrom, signatures: all } }
  }
  // As many as before may be others: the vote of who has left the set makes way.
  const isNew = all.some((one) => !had.includes(one))
  return isNew ? { ...key, endVotes: all } : key
}

function endStatement(domain: EndingContext['domain'], { frost, usedFrom }: GroupKey) {
  return statementOf(domain, frost, usedFrom, usedFrom)
}
