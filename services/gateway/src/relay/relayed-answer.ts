import type { ChainDefinition } from '@mooring/chains/chain'
import type { ErrorClass } from '@mooring/chains/family'
import { type FailureCode, failures } from '@mooring/protocol/failures'
import { MarketError } from '@mooring/protocol/market-error'
import { errorAnswer, type RpcAnswer } from '../exchange.ts'
import type { Outcome, RelayResult } from './outcome.ts'

/** Turns what the upstreams did into what the consumer reads. */
export function answerOf(
  { answer, outcomes }: RelayResult,
  { chain, traceId }: { chain: ChainDefinition; traceId: string },
): RpcAnswer {
  if (answer === undefined) {
    const message = `no node of ${chain.name} is fit to serve right now: send the request again after a pause`
    return errorAnswer(new MarketError('NO_UPSTREAM', message), traceId)
  }
  const { verdict } = answer
  if (verdict.kind === 'ok') return { kind: 'result', resultJson: verdict.resultJson }
  const { facts } = verdict.error
  if (facts.native && verdict.reply.kind === 'error') {
    const { code, message, dataJson } = verdict.reply
    return { kind: 'error', failure: facts.failure, http: 200, error: { code, message, dataJson } }
  }
  if (facts.failure === 'EXECUTION_REVERTED' && verdict.reply.kind === 'http') {
    return revertOf(verdict.reply.text)
  }
  const tried = outcomes.filter((outcome) => outcome.verdict.kind === 'failed')
  return errorAnswer(
    new MarketError(facts.failure, sentenceOf(facts.failure, tried), {
      details: { attempts: tried.length, ...retryHint(facts.later, chain) },
    }),
    traceId,
  )
}

const coolDownMs = 5_000

/** When sending the request again could help, where that is known. */
function retryHint(
  later: ErrorClass['later'],
  { blockTimeMs }: ChainDefinition,
): { retryAfterMs?: number } {
  if (later === 'blockTime') return { retryAfterMs: blockTimeMs }
  return later === 'coolDown' ? { retryAfterMs: coolDownMs } : {}
}

/** A revert that a node dressed as a result: the data is what makes it readable. */
function revertOf(dataJson: string): RpcAnswer {
  const { jsonRpc, http } = failures.EXECUTION_REVERTED
  const error = { code: jsonRpc, message: 'execution reverted', dataJson }
  return { kind: 'error', failure: 'EXECUTION_REVERTED', http, error }
}

function sentenceOf(code: FailureCode, tried: readonly Outcome[]): string {
  const nodes = tried.length === 1 ? 'one node was asked' : `${tried.length} nodes were asked`
  return `${failures[code].help} (${nodes})`
}
