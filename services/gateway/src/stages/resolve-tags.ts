import type { Stage } from '../exchange.ts'

/**
 * Replaces moving tags by the head this gateway serves, so that a consumer never sees it step back. Where
 * no upstream has that block any more, its own idea of the newest one is better than none.
 */
export const resolveTags: Stage = async (exchange, next) => {
  const { chain, request } = exchange
  const head = chain.reachableHead
  if (head !== undefined) exchange.request = chain.family.resolveTags(request, head)
  return await next()
}
