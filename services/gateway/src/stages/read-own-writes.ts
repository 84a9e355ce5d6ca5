import type { RecentSends } from '../consistency/recent-sends.ts'
import type { Stage } from '../exchange.ts'

/** Asks the node that took a caller's transaction for what only that node may know yet. */
export function readOwnWrites(sends: RecentSends): Stage {
  return async (exchange, next) => {
    const { caller, chain, policy, request } = exchange
    // What is asked of a numbered block is in no pool, and that node may lag.
    const isOfPool = policy.readsPool && chain.family.blockNeedOf(request).kind !== 'range'
    exchange.preferred = isOfPool ? sends.upstreamOf(caller, chain) : undefined
    const answer = await next()
    const took = exchange.relayed?.answer
    if (policy.effect === 'write' && answer.kind === 'result' && took !== undefined) {
      sends.record(caller, chain, took.upstream)
    }
    return answer
  }
}
