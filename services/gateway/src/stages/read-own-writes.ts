import type { RecentSends } from '../consistency/recent-sends.ts'
import { after, type Stage } from '../exchange.ts'

/** Asks the node that took a caller's transaction for what only that node may know yet. */
export function readOwnWrites(sends: RecentSends): Stage {
  return (exchange, next) => {
    const { caller, chain, policy, need } = exchange
    // What is asked of a numbered block is in no pool, and that node may lag.
    const isOfPool = policy.readsPool && need.kind !== 'range'
    exchange.preferred = isOfPool ? sends.upstreamOf(caller, chain) : undefined
    if (policy.effect !== 'write') return next(exchange)
    return after(next(exchange), (answer) => {
      const took = exchange.relayed?.answer
      if (answer.kind === 'result' && took !== undefined) sends.record(caller, chain, took.upstream)
      return answer
    })
  }
}
