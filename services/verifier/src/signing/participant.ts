import {
  type AccessDomain,
  attestationData,
  factsOf,
  signerOf,
} from '@mooring/onchain/access-statements'
import { encodeBytes, signingInputOf } from '@mooring/protocol/access/token'
import type { SignedAttestation } from '@mooring/protocol/access/verifier-wire'
import { clockLeewaySeconds } from '@mooring/protocol/access/verifier-wire'
import type { Clock } from '@mooring/telemetry/clock'
import type { Address } from 'viem'
import { frost, identifierOf, type NonceCommitments, type Nonces } from '../group/frost.ts'
import type { GroupKey } from '../group/group-key.ts'
import { VerifierRefusal } from '../refusal.ts'
import type { Grants } from '../state/grants.ts'
import type { UsedNonces } from '../state/used-nonces.ts'
import { assertNotTooMany, type Examined, type Examiner } from './examiner.ts'
import { createSigningNonces } from './nonces.ts'
import { claimsOf, isSameDeposit, type Terms } from './terms.ts'
import type { PrepareQuestion, SignQuestion } from './wire.ts'

/** Signs its part of tokens, over claims that it makes from what it found out itself. */
export type Participant = {
  /** Looks at the chain, and promises nonces. */
  prepare(question: Omit<PrepareQuestion, 'kind'>): Promise<Ready>
  /** The same of what this verifier has found right already. */
  open(kid: string, examined: Examined): Ready
  sign(question: Omit<SignQuestion, 'kind'>): Promise<{ share: string }>
}

export type ParticipantContext = {
  domain: AccessDomain
  terms: Terms
  clock: Clock
  examiner: Examiner
  grants: Grants
  usedNonces: UsedNonces
  hourlyTokensMax: number
  /** Whether the chain calls an address a verifier now. */
  isMember(address: Address): boolean
  keyOf(kid: string): GroupKey | undefined
}

export type Ready = {
  session: string
  attestation: SignedAttestation
  commitments: NonceCommitments
}

type About = { key: GroupKey; examined: Examined }

export function createParticipant(context: ParticipantContext): Participant {
  const { terms, clock, examiner } = context
  const nonces = createSigningNonces<About>(context.usedNonces, clock)
  const keyOf = (kid: string) => {
    const key = context.keyOf(kid)
    if (key !== undefined) return key
    const message = 'this verifier has no share of that key, or the key has ended'
    throw new VerifierRefusal('NO_GROUP_KEY', message)
  }
  const open = (kid: string, examined: Examined): Ready => {
    remember(context, examined)
    const key = keyOf(kid)
    const { session, commitments } = nonces.open(key.frost, { key, examined })
    return { session, attestation: examined.attestation, commitments }
  }
  return {
    open,
    async prepare({ request, kid }) {
      // Before the chain is asked for nothing.
      keyOf(kid)
      return open(kid, await examiner.examine(request))
    },
    async sign({ session, kid, issuedAt, attestations, commitments }) {
      // Before anything may fail: a session answers once, whatever it answers.
      const taken = nonces.take(session, ({ examined }) => examined.jti)
      const { key, examined } = taken.about
      if (kid !== key.kid) throw new VerifierRefusal('MALFORMED', 'the session is for another key')
      // It may have ended since the nonces were promised.
      keyOf(kid)
      const nowSeconds = clock.wallMs() / 1_000
      if (Math.abs(nowSeconds - issuedAt) > clockLeewaySeconds) {
        throw new VerifierRefusal('REQUEST_EXPIRED', 'the token would be of another time')
      }
      await assertAttested(context, { key, examined, attestations })
      assertSameSigners(attestations, commitments)
      const { jti, request, facts } = examined
      const claims = claimsOf(terms, { request, jti, facts, attestations, issuedAt })
      const message = new TextEncoder().encode(signingInputOf(kid, claims))
      // Before the share leaves: a token that this verifier helped to make is watched to its end, whoever tells of it.
      watchUntil(context, examined, claims.exp)
      const share = shareOf(key, { nonces: taken.nonces, commitments, message })
      return { share: encodeBytes(share) }
    },
  }
}

type Remembering = Pick<ParticipantContext, 'grants' | 'hourlyTokensMax'>

/** So that whoever helped to make a token also watches its deposit. */
function remember(context: Remembering, { jti, request, facts }: Examined): void {
  const { grants } = context
  if (grants.find(jti) !== undefined) return
  // Again, because several may have been looked into at the same time.
  assertNotTooMany(context, request)
  const { issuedAt } = request
  const expiresAt = issuedAt + seenSeconds
  const none = { token: undefined, keyHash: undefined }
  grants.put({ jti, request, facts, stage: 'seen', ...none, issuedAt, expiresAt })
}

function watchUntil(context: Remembering, examined: Examined, expiresAt: number): void {
  const { grants } = context
  remember(context, examined)
  const grant = grants.find(examined.jti)
  if (grant !== undefined && grant.expiresAt < expiresAt) grants.put({ ...grant, expiresAt })
}

function shareOf(
  { frost: { secret, public: group } }: GroupKey,
  {
    nonces,
    commitments,
    message,
  }: { nonces: Nonces; commitments: NonceCommitments[]; message: Uint8Array },
): Uint8Array {
  try {
    return frost.signShare(secret, group, nonces, commitments, message)
  } catch {
    throw new VerifierRefusal('MALFORMED', 'the commitments are none that can be signed with')
  }
}

/** Whoever attests signs, and nobody else. */
function assertSameSigners(
  attestations: readonly SignedAttestation[],
  commitments: readonly NonceCommitments[],
): void {
  const attesters = attestations.map(({ verifier }) => identifierOf(verifier)).sort()
  const signers = commitments.map(({ identifier }) => identifier).sort()
  if (JSON.stringify(attesters) === JSON.stringify(signers)) return
  throw new VerifierRefusal('MALFORMED', 'others would sign than those who attest')
}

/** A wish of which no token is heard of in a day came to nothing. */
const seenSeconds = 86_400

/** As many different members as the threshold say the same as this verifier found. */
async function assertAttested(
  { domain, isMember }: Pick<ParticipantContext, 'domain' | 'isMember'>,
  {
    key,
    examined,
    attestations,
  }: { key: GroupKey; examined: Examined; attestations: readonly SignedAttestation[] },
): Promise<void> {
  const members = new Set(key.members.map((member) => member.toLowerCase()))
  const signers = new Set<string>()
  for (const attestation of attestations) {
    const facts = factsOf(attestation)
    const name = attestation.verifier.toLowerCase()
    const signer = await signerOf(attestationData(domain, facts), attestation.signature)
    const isTheirs = members.has(name) && isMember(attestation.verifier)
    if (!isTheirs || signer?.toLowerCase() !== name || !isSameDeposit(facts, examined.facts)) {
      throw new VerifierRefusal('MALFORMED', 'an attestation is not what this verifier found')
    }
    signers.add(name)
  }
  if (signers.size < key.threshold || signers.size !== attestations.length) {
    throw new VerifierRefusal('TOO_FEW_VERIFIERS', 'too few verifiers have attested the deposit')
  }
}
