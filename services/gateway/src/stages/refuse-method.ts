import { MarketError } from '@mooring/protocol/market-error'
import type { Exchange, Stage } from '../exchange.ts'

/** Methods that are never served, not served yet, offered by no node, or not served to this tier. */
export function refuseMethod(relayedNamespaces: readonly string[]): Stage {
  const relayed = new Set(relayedNamespaces)
  return (exchange, next) => {
    refuseUnserved(exchange, relayed)
    return next(exchange)
  }
}

function refuseUnserved(
  { chain, policy, request, caller }: Exchange,
  relayed: ReadonlySet<string>,
): void {
  const { method } = request
  if (policy.effect === 'refused') {
    const message = `${method} is not served: it would steer a node, use keys held by it or tell where it stands`
    throw new MarketError('METHOD_FORBIDDEN', message)
  }
  if (policy.effect === 'unsupported') {
    throw unavailable(method, 'poll with eth_getLogs or eth_getBlockByNumber instead')
  }
  if (policy.effect === 'foreign' && !relayed.has(chain.family.namespaceOf(method))) {
    throw unavailable(method, 'check its spelling')
  }
  if (policy.tier === 'premium' && !caller.limits.traceAndDebug) {
    const message = `${method} is not served to the ${caller.tier} tier: use a key of a higher one`
    throw new MarketError('METHOD_FORBIDDEN', message)
  }
  // Of a method that is known a node may say so by mistake, or of one odd request only.
  if (!policy.known && !chain.offers(method)) {
    throw unavailable(method, `none of the nodes of ${chain.name} offers it`)
  }
}

/** Public clients recognise the first part of this wording and fall back to what every node has. */
function unavailable(method: string, why: string): MarketError {
  return new MarketError(
    'METHOD_NOT_FOUND',
    `the method ${method} does not exist/is not available: ${why}`,
  )
}
