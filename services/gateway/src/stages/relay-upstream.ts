import { isOfCommunity, type Stage } from '../exchange.ts'
import type { RelayResult } from '../relay/outcome.ts'
import type { Question } from '../relay/question.ts'
import { type RelayContext, relay, relayOnce } from '../relay/relay.ts'
import { answerOf } from '../relay/relayed-answer.ts'
import { sendTransaction } from '../relay/send.ts'

/** What of a relay is the same for every request. */
export type RelayStageContext = Omit<
  RelayContext,
  'chain' | 'headBlock' | 'preferred' | 'pools' | 'isCommunity' | 'wantsSignature'
>

/** Asks upstreams. The last stage: it always answers. */
export function relayUpstream(context: RelayStageContext): Stage {
  const { clock, events, timers, providerShareMax, random } = context
  return (exchange) => {
    const { chain, caller, request, policy, need, headBlock, preferred, wantsSignature } = exchange
    const { pools } = caller.limits
    const isCommunity = isOfCommunity(caller)
    // Member by member: a spread costs several times as much, for each request.
    const own = {
      chain,
      headBlock,
      preferred,
      pools,
      isCommunity,
      wantsSignature,
      clock,
      events,
      timers,
      providerShareMax,
      random,
    }
    return relayed({ request, policy, need }, own).then((result) => {
      exchange.relayed = result
      if (result.answer === undefined) exchange.source = 'refused'
      return answerOf(result, own)
    })
  }
}

function relayed(question: Question, context: RelayContext): Promise<RelayResult> {
  if (!question.policy.idempotent) return relay(question, context)
  const hash = context.chain.family.transactionHashOf(question.request)
  // Of a type whose hash nobody told us how to make: a second sending could not be recognised.
  if (hash === undefined) return relayOnce(question, context)
  return sendTransaction(question, hash, context)
}
