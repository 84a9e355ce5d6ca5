import { type AccessDomain, signerOf } from '@mooring/onchain/access-statements'
import type { Address, LocalAccount } from 'viem'
import { type CeremonyAnswer, type CeremonyQuestion, parseCeremonyAnswer } from './ceremony-wire.ts'
import { type GroupKey, type KeySignature, statementOf } from './group-key.ts'

/** When the last token of a key has ended, which follows from its successor; undefined while there is none. */
export function usedUntilOf(
  key: GroupKey,
  keys: readonly GroupKey[],
  tokenLifeSecondsMax: number,
): number | undefined {
  const next = keys.find(({ generation }) => generation > key.generation)
  return next === undefined ? undefined : next.usedFrom + tokenLifeSecondsMax
}

export type EndingContext = {
  domain: AccessDomain
  account: LocalAccount
  ask(peer: Address, question: CeremonyQuestion): Promise<unknown>
}

/** This member's signature for the end of a key. */
async function signEnding(
  { domain, account }: EndingContext,
  { frost, usedFrom }: GroupKey,
  usedUntil: number,
): Promise<KeySignature> {
  const statement = await statementOf(domain, frost, usedFrom, usedUntil)
  return { verifier: account.address, signature: await account.signTypedData(statement) }
}

/** Answers a member that collects signatures for the end of a key: only for the same end as is known here. */
export async function answerEnding(
  context: EndingContext,
  key: GroupKey | undefined,
  { usedUntil, known }: { usedUntil: number; known: number | undefined },
): Promise<CeremonyAnswer> {
  if (key === undefined || known === undefined) return { kind: 'wait' }
  if (usedUntil !== known) return { kind: 'differs' }
  const { signature } = await signEnding(context, key, usedUntil)
  return { kind: 'ended', signature }
}

/**
 * Collects signatures for the end of a key.
 *
 * @returns Undefined as long as fewer than the threshold have signed.
 */
export async function collectEnding(
  context: EndingContext,
  key: GroupKey,
  usedUntil: number,
): Promise<GroupKey['end']> {
  const { generation, members, threshold, frost, usedFrom } = key
  const statement = await statementOf(context.domain, frost, usedFrom, usedUntil)
  const others = members.filter((member) => member !== context.account.address)
  const found = await Promise.all(
    others.map(async (verifier): Promise<KeySignature[]> => {
      try {
        const said = await context.ask(verifier, { kind: 'end', generation, usedUntil })
        const answer = parseCeremonyAnswer(said)
        if (answer.kind !== 'ended') return []
        const { signature } = answer
        return (await signerOf(statement, signature)) === verifier ? [{ verifier, signature }] : []
      } catch {
        // It is asked again in the next round.
        return []
      }
    }),
  )
  const signatures = [await signEnding(context, key, usedUntil), ...found.flat()]
  return signatures.length < threshold ? undefined : { usedUntil, signatures }
}
