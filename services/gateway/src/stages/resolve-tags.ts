import type { Stage } from '../exchange.ts'

/**
 * Replaces moving tags by the head this gateway serves, so that a consumer never sees it step back. Where
 * no upstream has that block any more, its own idea of the newest one is better than none.
 */
export const resolveTags: Stage = async (exchange, next) => {
  const { chain, headBlock, request } = exchange
  if (headBlock !== undefined && chain.isReached(headBlock)) {
    exchange.request = chain.family.resolveTags(request, headBlock)
  }
  return await next()
}
