import type { ChainDefinition } from '@mooring/chains/chain'
import type { ErrorClass } from '@mooring/chains/family'
import type { Asker } from '@mooring/market/selection/admission'
import { type FailureCode, failures } from '@mooring/protocol/failures'
import type { RpcErrorBody } from '@mooring/protocol/json-rpc/answer'
import { MarketError } from '@mooring/protocol/market-error'
import { errorAnswer, type RpcAnswer } from '../exchange.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Outcome, RelayResult, Verdict } from './outcome.ts'
import { dataWithoutPlaces, withoutAddresses, withoutPlaces } from './without-addresses.ts'

/** Turns what the upstreams did into what the consumer reads. */
export function answerOf(
  { answer, outcomes, isRepeatable }: RelayResult,
  context: Asker & { chain: ServedChain },
): RpcAnswer {
  const { chain } = context
  if (answer === undefined && chain.isReadyFor(context)) {
    const message = `all nodes of ${chain.name} are busy: send the request again after a pause`
    return errorAnswer(
      new MarketError('OVERLOADED', message, { details: { retryAfterMs: busyRetryMs } }),
    )
  }
  if (answer === undefined) return errorAnswer(noUpstream(chain, context))
  const { verdict } = answer
  if (verdict.kind === 'ok') {
    const { resultJson, block } = verdict
    return { kind: 'result', resultJson, block: block?.number, resultBytes: undefined }
  }
  const { facts } = verdict.error
  if (facts.native && verdict.reply.kind === 'error') {
    return { kind: 'error', failure: facts.failure, http: 200, error: errorOf(verdict) }
  }
  if (facts.failure === 'EXECUTION_REVERTED' && verdict.reply.kind === 'http') {
    return revertOf(verdict.reply.text)
  }
  const failure = mayHaveHappened(answer, isRepeatable) ? 'OUTCOME_UNKNOWN' : facts.failure
  const sentence = sentenceOf(failure, outcomes.length)
  const { reply } = verdict
  // By which limit it is too long.
  const isOurs = failure === 'ANSWER_TOO_LARGE' && reply.kind === 'transport'
  const message = isOurs && reply.detail !== undefined ? `${sentence}: ${reply.detail}` : sentence
  return errorAnswer(
    new MarketError(failure, message, {
      details: { attempts: outcomes.length, ...retryHint(facts.later, chain.definition) },
    }),
  )
}

/** @param asker - Where others could be served. */
export function noUpstream({ name, ready }: ServedChain, asker?: Asker): MarketError {
  const again = `send the request again in ${noUpstreamRetryMs / 1_000} s`
  const message =
    ready && asker?.isCommunity === true
      ? `no node of ${name} that serves requests without a key is fit right now: ${again}, or with a key`
      : `no node of ${name} is fit to serve right now: ${again}`
  return new MarketError('NO_UPSTREAM', message, { details: { retryAfterMs: noUpstreamRetryMs } })
}

/** The node's own error. Nothing in it may tell where the node stands. */
function errorOf({ error, reply }: Verdict & { kind: 'failed' }): RpcErrorBody {
  if (reply.kind !== 'error') throw new Error('there is no error of a node')
  const { code, message, dataJson } = reply
  if (!error.known) return { code, message: withoutAddresses(message) }
  // What a contract says is the contract's, to the last byte.
  if (error.facts.failure === 'EXECUTION_REVERTED') return { code, message, dataJson }
  return {
    code,
    message: withoutPlaces(message),
    dataJson: dataJson === undefined ? undefined : dataWithoutPlaces(dataJson),
  }
}

const coolDownMs = 5_000
const noUpstreamRetryMs = 2_000
const busyRetryMs = 1_000

/** When sending the request again could help, where that is known. */
function retryHint(
  later: ErrorClass['later'],
  { blockTimeMs }: ChainDefinition,
): { retryAfterMs?: number } {
  if (later === 'blockTime') return { retryAfterMs: blockTimeMs }
  return later === 'coolDown' ? { retryAfterMs: coolDownMs } : {}
}

/** Of what may not be done twice, whoever reads that it failed must know that it may have been done once. */
function mayHaveHappened({ verdict }: Outcome, isRepeatable: boolean): boolean {
  if (isRepeatable || verdict.kind === 'ok') return false
  return verdict.sent && verdict.reply.kind !== 'error'
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
