import { MarketError } from '@mooring/protocol/market-error'
import type { Stage } from '../exchange.ts'

/** What a limit cannot be read from must not reach a node, which may read it in its own way. */
export const checkParams: Stage = (exchange, next) => {
  const { chain, request } = exchange
  const problem = chain.family.problemOf(request)
  if (problem !== undefined) throw new MarketError('INVALID_PARAMS', problem)
  return next(exchange)
}
