import type { Stage } from '../exchange.ts'
import { type RelayContext, relay } from '../relay/relay.ts'
import { answerOf } from '../relay/relayed-answer.ts'
import { sendTransaction } from '../relay/send.ts'

/** Asks upstreams. The last stage: it always answers. */
export function relayUpstream(context: Omit<RelayContext, 'chain'>): Stage {
  return async (exchange) => {
    const { chain, request, policy, traceId } = exchange
    const hash = policy.idempotent ? chain.family.transactionHashOf(request) : undefined
    const relaying = { ...context, chain }
    exchange.relayed =
      hash === undefined
        ? await relay(request, relaying)
        : await sendTransaction(request, hash, relaying)
    return answerOf(exchange.relayed, { chain: chain.definition, traceId })
  }
}
