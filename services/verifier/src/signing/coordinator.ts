import type { AccessClaims } from '@mooring/protocol/access/claims'
import { decodeBytes, formatToken, signingInputOf } from '@mooring/protocol/access/token'
import type { SignedAttestation, TokenRequest } from '@mooring/protocol/access/verifier-wire'
import type { Address } from 'viem'
import { frost, identifierOf, type NonceCommitments, toJson } from '../group/frost.ts'
import { type GroupKey, publicKeyOf } from '../group/group-key.ts'
import { VerifierRefusal } from '../refusal.ts'
import type { Examined, Examiner } from './examiner.ts'
import {
  isSame,
  prepareAt,
  type Refusal,
  readySigners,
  refusalOf,
  type Signer,
  type SignersContext,
} from './signers.ts'
import { claimsOf, type Terms } from './terms.ts'
import { parseSignAnswer } from './wire.ts'

/** A token, and what its signers found. */
export type Issued = {
  token: string
  claims: AccessClaims
  examined: Examined
  attestations: SignedAttestation[]
}

export type CoordinatorContext = SignersContext & {
  terms: Terms
  /** Whether the chain calls an address a verifier now. */
  isMember(address: Address): boolean
  examiner: Examiner
  signingKey(): GroupKey | undefined
}

/**
 * Has a token made by as many verifiers as the threshold. Whoever of them is silent, slow or wrong is left out of the
 * next try, so that those who are honest decide as long as there are enough of them.
 */
export async function issue(context: CoordinatorContext, request: TokenRequest): Promise<Issued> {
  const key = context.signingKey()
  if (key === undefined) {
    throw new VerifierRefusal(
      'NO_GROUP_KEY',
      'the verifiers have not made a key yet: try again soon',
    )
  }
  // Before anybody else is troubled: what no wallet signed costs this verifier alone.
  const identified = await context.examiner.identify(request)
  const early = identified.isSigned ? undefined : await context.examiner.find(identified)
  const others = key.members.filter(
    (member) => !isSame(member, context.address) && context.isMember(member),
  )
  const question = { request, kid: key.kid }
  const asked = new Map(others.map((member) => [member, prepareAt(context, member, question)]))
  // Peers look at the chain while this verifier does.
  for (const answer of asked.values()) answer.catch(() => undefined)
  const examined = early ?? (await context.examiner.find(identified))
  const excluded = new Map<Address, Refusal>()
  for (;;) {
    const signers = await readySigners(context, { key, examined, asked, excluded })
    const issued = await sign(context, { key, examined, signers, excluded })
    if (issued !== undefined) return issued
    // Nonces are used once, so those who will sign again are asked for others.
    for (const member of asked.keys()) {
      if (!excluded.has(member)) {
        const again = prepareAt(context, member, question)
        again.catch(() => undefined)
        asked.set(member, again)
      }
    }
  }
}

/** @returns Undefined when a signer failed, which is excluded then. */
async function sign(
  context: CoordinatorContext,
  {
    key,
    examined,
    signers,
    excluded,
  }: {
    key: GroupKey
    examined: Examined
    signers: readonly Signer[]
    excluded: Map<Address, Refusal>
  },
): Promise<Issued | undefined> {
  const attestations = signers.map(({ attestation }) => attestation)
  const issuedAt = Math.floor(context.clock.wallMs() / 1_000)
  const { jti, request, facts } = examined
  const claims = claimsOf(context.terms, { request, jti, facts, attestations, issuedAt })
  const signingInput = signingInputOf(key.kid, claims)
  const message = new TextEncoder().encode(signingInput)
  const commitments = signers.map((signer) => signer.commitments)
  const question = { kid: key.kid, issuedAt, attestations }
  const shares: Record<string, Uint8Array> = {}
  await Promise.all(
    signers.map(async ({ verifier, session }) => {
      try {
        const share = isSame(verifier, context.address)
          ? (await context.participant.sign({ ...question, session, commitments })).share
          : await shareFrom(context, verifier, {
              ...question,
              session,
              commitments: toJson(commitments),
            })
        const bytes = typeof share === 'string' ? decodeBytes(share) : share
        const identifier = identifierOf(verifier)
        if (bytes === undefined || !isShare(key, { commitments, message, identifier, bytes })) {
          context.onCheat(verifier, 'its share does not fit')
          throw new VerifierRefusal('INTERNAL', 'its share of the signature does not fit')
        }
        shares[identifier] = bytes
      } catch (error) {
        // What this verifier cannot do itself no other set of signers mends.
        if (isSame(verifier, context.address)) throw error
        context.failures.set(verifier, context.clock.nowMs())
        excluded.set(verifier, refusalOf(verifier, error))
      }
    }),
  )
  if (Object.keys(shares).length < signers.length) return undefined
  const signature = frost.aggregate(key.frost.public, commitments, message, shares)
  if (!frost.verify(signature, message, publicKeyOf(key.frost))) {
    throw new Error('shares that fit made a signature that does not')
  }
  return { token: formatToken(signingInput, signature), claims, examined, attestations }
}

function isShare(
  key: GroupKey,
  {
    commitments,
    message,
    identifier,
    bytes,
  }: {
    commitments: NonceCommitments[]
    message: Uint8Array
    identifier: string
    bytes: Uint8Array
  },
): boolean {
  try {
    return frost.verifyShare(key.frost.public, commitments, message, identifier, bytes)
  } catch {
    return false
  }
}

async function shareFrom(
  context: CoordinatorContext,
  verifier: Address,
  question: object,
): Promise<Uint8Array> {
  const answer = parseSignAnswer(await context.ask(verifier, { kind: 'sign', ...question }))
  if (answer.kind === 'refused') throw new VerifierRefusal(answer.code, answer.detail)
  return answer.share
}
