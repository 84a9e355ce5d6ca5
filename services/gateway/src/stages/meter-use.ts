import type { Stage } from '../exchange.ts'
import type { Meter } from '../meter/meter.ts'

/**
 * Sets the price of a request aside before anything is done for it. Whatever answers it from here on is charged, the cache
 * and what others have asked too; what has been refused before costs nothing.
 */
export function meterUse(meter: Meter): Stage {
  return (exchange, next) => {
    if (exchange.caller.payer.account === null) return next(exchange)
    const waiting = meter.reserve(exchange)
    return waiting === undefined ? next(exchange) : waiting.then(() => next(exchange))
  }
}
