import type { Address } from 'viem'
import { z } from 'zod'
import type { Message } from './channel/channel.ts'
import { ceremonyQuestion } from './group/ceremony-wire.ts'
import { endVotesQuestion } from './group/end-at-once.ts'
import { toJson } from './group/frost.ts'
import type { Group } from './group/group.ts'
import type { Membership } from './group/membership.ts'
import { VerifierRefusal } from './refusal.ts'
import type { Participant } from './signing/participant.ts'
import { prepareQuestion, signQuestion } from './signing/wire.ts'
import { type SharedGrant, sharedGrants } from './tokens/shared-grant.ts'
import type { Tokens } from './tokens/tokens.ts'

export type PeerDesk = {
  group: Group
  participant: Participant
  tokens: Tokens
  membership: Pick<Membership, 'has'>
  broke(error: unknown): void
}

/** What one verifier may ask of another, by `kind`. */
const question = z.union([
  ceremonyQuestion,
  prepareQuestion,
  signQuestion,
  endVotesQuestion,
  z.strictObject({ kind: z.literal('grants'), after: z.int().nonnegative() }),
  z.object({ kind: z.literal('grant'), grant: z.unknown() }),
])

/** Answers what another verifier asks. A refusal is an answer too. */
export async function answerPeer(desk: PeerDesk, { from, body }: Message): Promise<unknown> {
  // Whoever the chain does not call a verifier any more takes no part, whatever shares it has.
  if (!desk.membership.has(from)) {
    return {
      kind: 'refused',
      code: 'NOT_FOUND',
      detail: 'the asker is not in the set of verifiers',
    }
  }
  const parsed = question.safeParse(body)
  if (!parsed.success) {
    return { kind: 'refused', code: 'MALFORMED', detail: 'the question is none of this version' }
  }
  try {
    return await answer(desk, from, parsed.data)
  } catch (error) {
    if (!(error instanceof VerifierRefusal)) desk.broke(error)
    const known = error instanceof VerifierRefusal
    return {
      kind: 'refused',
      code: known ? error.code : 'INTERNAL',
      detail: known ? error.message : 'something broke',
      ...(known ? { confirmations: error.facts.confirmations } : {}),
    }
  }
}

async function answer(
  { group, participant, tokens }: PeerDesk,
  from: Address,
  asked: z.output<typeof question>,
): Promise<unknown> {
  switch (asked.kind) {
    case 'prepare':
      return { kind: 'prepared', ...(toJson(await participant.prepare(asked)) as object) }
    case 'sign':
      return { kind: 'share', ...(await participant.sign(asked)) }
    case 'grants':
      return { grants: tokens.after(asked.after), last: tokens.last() }
    case 'grant': {
      const [grant] = sharedGrants.parse({ grants: [asked.grant], last: 0 }).grants
      if (grant !== undefined) await tokens.take(grant as SharedGrant)
      return { kind: 'taken' }
    }
    default:
      return group.answer(from, asked)
  }
}
