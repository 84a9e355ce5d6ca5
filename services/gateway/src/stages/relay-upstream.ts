import type { Exchange, Stage } from '../exchange.ts'
import type { RelayResult } from '../relay/outcome.ts'
import { type RelayContext, relay, relayOnce } from '../relay/relay.ts'
import { answerOf } from '../relay/relayed-answer.ts'
import { sendTransaction } from '../relay/send.ts'

/** What of a relay is the same for every request. */
export type RelayStageContext = Omit<RelayContext, 'chain' | 'headBlock' | 'preferred'>

/** Asks upstreams. The last stage: it always answers. */
export function relayUpstream(context: RelayStageContext): Stage {
  const { clock, events, timers, providerShareMax, random } = context
  return (exchange) => {
    const { chain, headBlock, preferred } = exchange
    // Member by member: a spread costs several times as much, for each request.
    const own = { chain, headBlock, preferred, clock, events, timers, providerShareMax, random }
    return relayed(exchange, own).then((result) => {
      exchange.relayed = result
      if (result.answer === undefined) exchange.source = 'refused'
      return answerOf(result, chain)
    })
  }
}

function relayed(
  { chain, request, policy }: Exchange,
  context: RelayContext,
): Promise<RelayResult> {
  if (!policy.idempotent) return relay(request, context)
  const hash = chain.family.transactionHashOf(request)
  // Of a type whose hash nobody told us how to make: a second sending could not be recognised.
  return hash === undefined ? relayOnce(request, context) : sendTransaction(request, hash, context)
}
