import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import { attempt } from './attempt.ts'
import type { Outcome, RelayResult } from './outcome.ts'
import { type RelayContext, relay } from './relay.ts'

/** How long the look-up after a doubtful send may take. */
const lookUpMs = 3_000

/**
 * Sends a signed transaction. Its hash names it, so sending it again changes nothing: a node that has it
 * already is a success, and after a doubtful end the hash is looked up before a failure is reported.
 *
 * @param hash - Hash of the signed transaction.
 */
export async function sendTransaction(
  request: RpcRequest,
  hash: string,
  context: RelayContext,
): Promise<RelayResult> {
  const result = await relay(request, context)
  const { answer } = result
  if (answer === undefined || answer.verdict.kind === 'ok') return result
  const { facts } = answer.verdict.error
  if (facts.resend === 'accepted') return { ...result, answer: acceptedAs(hash, answer) }
  const isDoubtful = facts.resend === 'lookUp' || !facts.native
  if (!isDoubtful) return result
  const found = await lookUp(request, hash, { answer, context })
  if (found === undefined) return result
  return {
    ...result,
    answer: acceptedAs(hash, found),
    outcomes: [...result.outcomes, found],
  }
}

/** Asks the node that answered, then any other, whether it knows the transaction. */
async function lookUp(
  request: RpcRequest,
  hash: string,
  { answer, context }: { answer: Outcome; context: RelayContext },
): Promise<Outcome | undefined> {
  const question = { ...context.chain.family.probes.transactionByHash(hash), id: request.id }
  const options = { reason: 'look-up', timeoutMs: lookUpMs, repeatable: true } as const
  const here = await attempt(answer.upstream, question, options, context)
  if (isFound(here)) return here
  const { answer: elsewhere } = await relay(question, context)
  return elsewhere !== undefined && isFound(elsewhere) ? elsewhere : undefined
}

function isFound({ verdict }: Outcome): boolean {
  return verdict.kind === 'ok' && verdict.result !== null
}

function acceptedAs(hash: string, outcome: Outcome): Outcome {
  return { ...outcome, verdict: { kind: 'ok', result: hash, resultJson: JSON.stringify(hash) } }
}
