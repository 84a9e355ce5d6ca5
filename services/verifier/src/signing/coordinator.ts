import {
  type AccessDomain,
  attestationData,
  factsOf,
  signerOf,
} from '@mooring/onchain/access-statements'
import type { AccessClaims } from '@mooring/protocol/access/claims'
import { decodeBytes, formatToken, signingInputOf } from '@mooring/protocol/access/token'
import type {
  SignedAttestation,
  TokenRequest,
  VerifierProblem,
} from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { Address } from 'viem'
import { frost, identifierOf, type NonceCommitments, toJson } from '../group/frost.ts'
import { type GroupKey, publicKeyOf } from '../group/group-key.ts'
import { VerifierRefusal } from '../refusal.ts'
import type { Examined, Examiner } from './examiner.ts'
import type { Participant } from './participant.ts'
import { claimsOf, isSameDeposit, type Terms } from './terms.ts'
import { parsePrepareAnswer, parseSignAnswer } from './wire.ts'

/** A token, and what its signers found. */
export type Issued = {
  token: string
  claims: AccessClaims
  examined: Examined
  attestations: SignedAttestation[]
}

export type CoordinatorContext = {
  domain: AccessDomain
  terms: Terms
  clock: Clock
  address: Address
  examiner: Examiner
  participant: Participant
  signingKey(): GroupKey | undefined
  ask(peer: Address, question: unknown): Promise<unknown>
  /** Told of a signer that did what it must not. */
  onCheat(verifier: Address, what: string): void
}

/** One that is ready to sign, this verifier among them. */
type Signer = {
  verifier: Address
  session: string
  attestation: SignedAttestation
  commitments: NonceCommitments
}

type Refusal = NonNullable<VerifierProblem['verifiers']>[number]

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
  const signed = await context.examiner.identify(request)
  const others = key.members.filter((member) => !isSame(member, context.address))
  const question = { request, kid: key.kid }
  const asked = new Map(others.map((member) => [member, prepareAt(context, member, question)]))
  // Peers look at the chain while this verifier does.
  for (const answer of asked.values()) answer.catch(() => undefined)
  const examined = await context.examiner.find(signed)
  const excluded = new Map<Address, Refusal>()
  for (;;) {
    const signers = await ready(context, { key, examined, asked, excluded })
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

/** The first that are ready, as many as are needed. Throws when there are too few, saying what each of them said. */
async function ready(
  context: CoordinatorContext,
  {
    key,
    examined,
    asked,
    excluded,
  }: {
    key: GroupKey
    examined: Examined
    asked: ReadonlyMap<Address, Promise<Signer>>
    excluded: Map<Address, Refusal>
  },
): Promise<Signer[]> {
  const own = context.participant.open(key.kid, examined)
  const signers: Signer[] = [{ ...own, verifier: context.address }]
  const waiting = new Map(
    [...asked]
      .filter(([member]) => !excluded.has(member))
      .map(([member, answer]) => [member, settled(member, answer)]),
  )
  while (signers.length < key.threshold && waiting.size > 0) {
    const { member, signer, refusal } = await Promise.race(waiting.values())
    waiting.delete(member)
    if (signer === undefined) excluded.set(member, refusal)
    else if (!(await isAttested(context, signer, examined))) {
      context.onCheat(member, 'it attests another deposit')
      excluded.set(member, saying(member, 'INTERNAL', 'it attests something else'))
    } else signers.push(signer)
  }
  if (signers.length >= key.threshold) return signers
  throw tooFew([...excluded.values()], { have: signers.length, need: key.threshold })
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

async function prepareAt(
  context: CoordinatorContext,
  verifier: Address,
  question: { request: TokenRequest; kid: string },
): Promise<Signer> {
  const answer = parsePrepareAnswer(await context.ask(verifier, { kind: 'prepare', ...question }))
  if (answer.kind === 'refused') {
    const { code, detail, confirmations } = answer
    throw new VerifierRefusal(code, detail, confirmations === undefined ? {} : { confirmations })
  }
  const { session, attestation, commitments } = answer
  if (commitments.identifier !== identifierOf(verifier)) {
    throw new VerifierRefusal('INTERNAL', 'it would sign as somebody else')
  }
  return { verifier, session, attestation, commitments }
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

async function isAttested(
  { domain }: CoordinatorContext,
  { verifier, attestation }: Signer,
  examined: Examined,
): Promise<boolean> {
  const facts = factsOf(attestation)
  const signer = await signerOf(attestationData(domain, facts), attestation.signature)
  return (
    isSame(attestation.verifier, verifier) &&
    signer !== undefined &&
    isSame(signer, verifier) &&
    isSameDeposit(facts, examined.facts)
  )
}

type Settled =
  | { member: Address; signer: Signer; refusal?: undefined }
  | { member: Address; signer?: undefined; refusal: Refusal }

async function settled(member: Address, answer: Promise<Signer>): Promise<Settled> {
  try {
    return { member, signer: await answer }
  } catch (error) {
    return { member, refusal: refusalOf(member, error) }
  }
}

function refusalOf(verifier: Address, error: unknown): Refusal {
  if (error instanceof VerifierRefusal) return saying(verifier, error.code, error.message)
  return saying(verifier, 'UNREACHABLE', 'it did not answer')
}

function saying(verifier: Address, code: Refusal['code'], detail: string): Refusal {
  return { verifier, code, detail }
}

function tooFew(
  verifiers: Refusal[],
  { have, need }: { have: number; need: number },
): VerifierRefusal {
  const message = `${have} of the ${need} verifiers that are needed agree: try again, or look at what the others say`
  return new VerifierRefusal('TOO_FEW_VERIFIERS', message, { verifiers })
}

function isSame(one: Address, other: Address): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
