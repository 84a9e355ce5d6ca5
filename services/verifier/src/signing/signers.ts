import {
  type AccessDomain,
  attestationData,
  factsOf,
  signerOf,
} from '@mooring/onchain/access-statements'
import type {
  SignedAttestation,
  TokenRequest,
  VerifierProblem,
} from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { Address } from 'viem'
import { identifierOf, type NonceCommitments } from '../group/frost.ts'
import type { GroupKey } from '../group/group-key.ts'
import { VerifierRefusal } from '../refusal.ts'
import type { Examined } from './examiner.ts'
import type { Participant } from './participant.ts'
import { isSameDeposit } from './terms.ts'
import { parsePrepareAnswer } from './wire.ts'

/** What it takes to find out who signs a token. */
export type SignersContext = {
  domain: AccessDomain
  clock: Clock
  address: Address
  participant: Participant
  ask(peer: Address, question: unknown): Promise<unknown>
  /** When signers failed last. */
  failures: Map<Address, number>
  /** Told of a signer that did what it must not. */
  onCheat(verifier: Address, what: string): void
}

/** One that is ready to sign, this verifier among them. */
export type Signer = {
  verifier: Address
  session: string
  attestation: SignedAttestation
  commitments: NonceCommitments
}

/** How long a better signer is waited for. */
const reserveMs = 300
/** How long a signer that failed is asked last. */
const failureMs = 60_000

export type Refusal = NonNullable<VerifierProblem['verifiers']>[number]

/** Asks a member whether it finds the same, and with which nonces it would sign. */
export async function prepareAt(
  context: SignersContext,
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

/** The first that are ready, as many as are needed. Throws when there are too few, saying what each of them said. */
export async function readySigners(
  context: SignersContext,
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
  // Those that see less than this verifier, or failed lately, are taken when no other one answers soon.
  const reserves: Signer[] = []
  const patience = new AbortController()
  const isLate = context.clock.sleep(reserveMs, patience.signal).then(() => 'late' as const)
  while (signers.length < key.threshold && waiting.size > 0) {
    const isEnough = signers.length + reserves.length >= key.threshold
    const next = await Promise.race([...waiting.values(), ...(isEnough ? [isLate] : [])])
    if (next === 'late') break
    const { member, signer, refusal } = next
    waiting.delete(member)
    if (signer === undefined) excluded.set(member, refusal)
    else if (!(await isAttested(context, signer, examined))) {
      context.onCheat(member, 'it attests another deposit')
      excluded.set(member, saying(member, 'INTERNAL', 'it attests something else'))
    } else if (isDoubtful(context, signer, examined)) reserves.push(signer)
    else signers.push(signer)
  }
  patience.abort()
  signers.push(...reserves.slice(0, Math.max(0, key.threshold - signers.length)))
  if (signers.length >= key.threshold) return signers
  throw tooFew([...excluded.values()], { have: signers.length, need: key.threshold })
}

function isDoubtful(
  { failures, clock }: SignersContext,
  signer: Signer,
  examined: Examined,
): boolean {
  const failedMs = failures.get(signer.verifier) ?? Number.NEGATIVE_INFINITY
  if (clock.nowMs() - failedMs < failureMs) return true
  return examined.facts.isFinal && !signer.attestation.isFinal
}

async function isAttested(
  { domain }: SignersContext,
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

/** What another verifier said no with, or that it said nothing. */
export function refusalOf(verifier: Address, error: unknown): Refusal {
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

export function isSame(one: Address, other: Address): boolean {
  return one.toLowerCase() === other.toLowerCase()
}
