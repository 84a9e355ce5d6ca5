import type { ChainDefinition } from '@mooring/chains/chain'
import type { ErrorClass } from '@mooring/chains/family'
import { type FailureCode, failures } from '@mooring/protocol/failures'
import { MarketError } from '@mooring/protocol/market-error'
import { errorAnswer, type RpcAnswer } from '../exchange.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { RelayResult } from './outcome.ts'
import { withoutAddresses } from './without-addresses.ts'

/** Turns what the upstreams did into what the consumer reads. */
export function answerOf({ answer, outcomes }: RelayResult, chain: ServedChain): RpcAnswer {
  if (answer === undefined && chain.ready) {
    const message = `all nodes of ${chain.name} are busy: send the request again after a pause`
    return errorAnswer(new MarketError('OVERLOADED', message))
  }
  if (answer === undefined) {
    const message = `no node of ${chain.name} is fit to serve right now: send the request again after a pause`
    const details = { retryAfterMs: noUpstreamRetryMs }
    return errorAnswer(new MarketError('NO_UPSTREAM', message, { details }))
  }
  const { verdict } = answer
  if (verdict.kind === 'ok') {
    return { kind: 'result', resultJson: verdict.resultJson, block: verdict.block?.number }
  }
  const { facts } = verdict.error
  if (facts.native && verdict.reply.kind === 'error') {
    const { code, message, dataJson } = verdict.reply
    const { failure } = facts
    // Words that no row of the table knows may tell where the node stands.
    const error = verdict.error.known
      ? { code, message, dataJson }
      : { code, message: withoutAddresses(message) }
    return { kind: 'error', failure, http: 200, error }
  }
  if (facts.failure === 'EXECUTION_REVERTED' && verdict.reply.kind === 'http') {
    return revertOf(verdict.reply.text)
  }
  return errorAnswer(
    new MarketError(facts.failure, sentenceOf(facts.failure, outcomes.length), {
      details: { attempts: outcomes.length, ...retryHint(facts.later, chain.definition) },
    }),
  )
}

const coolDownMs = 5_000
const noUpstreamRetryMs = 2_000

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

function sentenceOf(code: FailureCode, attempts: number): string {
  const nodes = attempts === 1 ? 'one node was asked' : `${attempts} times a node was asked`
  return `${failures[code].help} (${nodes})`
}
