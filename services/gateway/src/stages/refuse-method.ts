import { MarketError } from '@mooring/protocol/market-error'
import type { Stage } from '../exchange.ts'

/** Methods that are never served, not served yet, or not served to this tier. */
export const refuseMethod: Stage = async ({ policy, request, caller }, next) => {
  const { method } = request
  if (policy.effect === 'refused') {
    const message = `${method} is not served: it would steer a node or use keys held by it`
    throw new MarketError('METHOD_FORBIDDEN', message)
  }
  if (policy.effect === 'unsupported') {
    // Public clients recognise this wording and fall back to polling.
    const message = `the method ${method} does not exist/is not available here: poll with eth_getLogs or eth_getBlockByNumber instead`
    throw new MarketError('METHOD_NOT_FOUND', message)
  }
  if (policy.tier === 'premium' && caller.tier === 'community') {
    const message = `${method} is served to premium and enterprise keys only: send it to POST /{chain}/{key}`
    throw new MarketError('METHOD_FORBIDDEN', message)
  }
  return await next()
}
