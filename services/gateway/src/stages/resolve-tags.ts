import type { FailureCode } from '@mooring/protocol/failures'
import { MarketError } from '@mooring/protocol/market-error'
import type { Floors } from '../consistency/floors.ts'
import { after, type Exchange, type RpcAnswer, type Stage } from '../exchange.ts'

/**
 * Replaces moving tags by the blocks this gateway serves, so that a consumer never sees one step back. What
 * a caller was answered from is a block it has seen.
 */
export function resolveTags(floors: Floors): Stage {
  return (exchange, next) => {
    const { caller, chain, request, headBlock } = exchange
    resolve(exchange)
    if (exchange.request === request || headBlock === undefined) return next(exchange)
    return after(next(exchange), (answer) => {
      if (!isMissing(answer, exchange)) {
        floors.raise(caller, chain, headBlock)
        return answer
      }
      if (headBlock <= (chain.headBlock ?? headBlock)) return answer
      if (chain.hasShown(headBlock)) throw behind(exchange)
      // One node alone has shown the caller that block, and does not stand by it.
      floors.forget(caller, chain)
      exchange.headBlock = chain.headBlock
      exchange.request = request
      resolve(exchange)
      return next(exchange)
    })
  }
}

function resolve(exchange: Exchange): void {
  const { chain, headBlock } = exchange
  const tags = { latest: headBlock, safe: chain.safeBlock, finalized: chain.finalBlock }
  const request = chain.family.resolveTags(exchange.request, tags)
  if (request === exchange.request) return
  exchange.request = request
  exchange.need = chain.family.blockNeedOf(request)
}

const missing: ReadonlySet<FailureCode> = new Set([
  'BLOCK_UNAVAILABLE',
  'RESOURCE_NOT_FOUND',
  'UPSTREAM_BEHIND',
])

/** Whether the answer says that the block is not there. */
function isMissing(answer: RpcAnswer, { policy }: Exchange): boolean {
  if (answer.kind === 'error') return missing.has(answer.failure)
  return answer.resultJson === 'null' && policy.onNull === 'missing'
}

/** The nodes that had the block are gone: an older one would be a step back that nobody could see. */
function behind({ chain, headBlock }: Exchange): MarketError {
  const message = `the nodes of ${chain.name} that are left have not reached block ${headBlock}, which you have seen: send the request again after a pause`
  const details = { headBlock: headBlock ?? 0, retryAfterMs: chain.definition.blockTimeMs }
  return new MarketError('UPSTREAM_BEHIND', message, { details })
}
