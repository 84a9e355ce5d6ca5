import type { Stage } from '../exchange.ts'

/**
 * Replaces moving tags by the blocks this gateway serves, so that a consumer never sees one step back. Where
 * no upstream has that block any more, its own idea of the newest one is better than none.
 */
export const resolveTags: Stage = async (exchange, next) => {
  const { chain, headBlock, request } = exchange
  const latest = headBlock !== undefined && chain.isReached(headBlock) ? headBlock : undefined
  const tags = { latest, safe: chain.safeBlock, finalized: chain.finalBlock }
  exchange.request = chain.family.resolveTags(request, tags)
  return await next()
}
