import { allowsMethod, type Restrictions, restricted } from '../access/restrictions.ts'
import type { Exchange, Stage } from '../exchange.ts'

/** What the owner of a key has not allowed it for; from where it may come was told before the body was read. */
export const restrictKey: Stage = (exchange, next) => {
  const { restrictions } = exchange.caller
  if (restrictions !== undefined) assertAllowed(restrictions, exchange)
  return next(exchange)
}

function assertAllowed(restrictions: Restrictions, { request, chain }: Exchange): void {
  if (!allowsMethod(restrictions, request.method)) throw restricted('method')
  const { contracts } = restrictions
  if (contracts === undefined) return
  const use = chain.family.contractsOf(request)
  if (use.kind === 'none') return
  // What may be about any contract may be about one that is not allowed.
  if (use.kind === 'any' || !use.contracts.every((one) => contracts.has(one))) {
    throw restricted('contract')
  }
}
