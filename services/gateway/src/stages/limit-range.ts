import { MarketError } from '@mooring/protocol/market-error'
import type { Stage } from '../exchange.ts'

/** Scans over more blocks than the tier allows are refused before they cost a node anything. */
export const limitRange: Stage = (exchange, next) => {
  const { chain, request, caller } = exchange
  const range = chain.family.scanRangeOf(request, chain.headBlock ?? 0)
  const max = caller.limits.logsRangeBlocksMax
  if (range !== undefined && range.to - range.from + 1 > max) {
    const blocks = range.to - range.from + 1
    throw new MarketError(
      'RANGE_TOO_WIDE',
      `${request.method} asks for ${blocks} blocks, the limit is ${max}: ask for at most ${max} blocks at a time`,
      { details: { limit: 'logsRangeBlocksMax', value: max } },
    )
  }
  return next(exchange)
}
