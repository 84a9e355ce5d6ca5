import { attempt } from './attempt.ts'
import type { Outcome, RelayResult } from './outcome.ts'
import { type Question, questionOf } from './question.ts'
import { type RelayContext, relay } from './relay.ts'

/** How long the look-up after a doubtful send may take. */
const lookUpMs = 3_000

/**
 * Sends a signed transaction. Its hash names it, so sending it again changes nothing: a node that has it
 * already is a success, and when any node may have taken it the hash is looked up before a failure is
 * reported.
 *
 * @param hash - Hash of the signed transaction.
 */
export async function sendTransaction(
  question: Question,
  hash: string,
  context: RelayContext,
): Promise<RelayResult> {
  const result = await relay(question, context)
  const { answer } = result
  if (answer === undefined || isAccepted(answer, hash)) return result
  if (answer.verdict.kind === 'failed' && answer.verdict.error.facts.resend === 'accepted') {
    return { ...result, answer: acceptedAs(hash, answer) }
  }
  if (!result.outcomes.some(isDoubtful)) return result
  const found = await lookUp(question, hash, { answer, context })
  if (found === undefined) return { ...result, answer: unconfirmed(question, answer, context) }
  return { ...result, answer: acceptedAs(hash, found), outcomes: [...result.outcomes, found] }
}

/** A node that names another transaction than the one it was given has not confirmed this one. */
function isAccepted({ verdict }: Outcome, hash: string): boolean {
  return (
    verdict.kind === 'ok' &&
    typeof verdict.result === 'string' &&
    verdict.result.toLowerCase() === hash
  )
}

/** Whether the node may have taken the transaction although it did not say so. */
function isDoubtful({ verdict }: Outcome): boolean {
  if (verdict.kind === 'ok') return true
  const { facts } = verdict.error
  return facts.resend === 'lookUp' || (verdict.sent && verdict.reply.kind !== 'error')
}

/** Asks the node that answered, then any other, whether it knows the transaction. */
async function lookUp(
  { request }: Question,
  hash: string,
  { answer, context }: { answer: Outcome; context: RelayContext },
): Promise<Outcome | undefined> {
  const { family } = context.chain
  const question = questionOf({ ...family.probes.transactionByHash(hash), id: request.id }, family)
  const startedMs = context.clock.nowMs()
  const options = {
    reason: 'look-up',
    timeoutMs: lookUpMs,
    repeatable: true,
    startedMs,
  } as const
  const here = await attempt(answer.upstream, question, options, context)
  if (isFound(here)) return here
  const { answer: elsewhere } = await relay(question, context)
  return elsewhere !== undefined && isFound(elsewhere) ? elsewhere : undefined
}

/** Neither `null` nor another transaction's hash is an answer to a send. */
function unconfirmed(
  { request: { method } }: Question,
  outcome: Outcome,
  { chain }: RelayContext,
): Outcome {
  if (outcome.verdict.kind === 'failed') return outcome
  const reply = { kind: 'transport', fault: 'malformed' } as const
  const error = chain.family.classify(reply, { method })
  return { ...outcome, verdict: { kind: 'failed', error, reply, sent: true } }
}

function isFound({ verdict }: Outcome): boolean {
  return verdict.kind === 'ok' && verdict.result !== null
}

function acceptedAs(hash: string, outcome: Outcome): Outcome {
  const resultJson = JSON.stringify(hash)
  return {
    ...outcome,
    verdict: {
      kind: 'ok',
      result: hash,
      resultJson,
      block: undefined,
      pending: false,
      strayed: false,
    },
  }
}
