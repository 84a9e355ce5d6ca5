import type { Stage } from '../exchange.ts'

/** Replaces moving tags by the head this gateway serves, so that a consumer never sees it step back. */
export const resolveTags: Stage = async (exchange, next) => {
  const { chain, request } = exchange
  if (chain.headBlock !== undefined) {
    exchange.request = chain.family.resolveTags(request, chain.headBlock)
  }
  return await next()
}
