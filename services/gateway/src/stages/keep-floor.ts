import type { Floors } from '../consistency/floors.ts'
import { after, type Stage } from '../exchange.ts'

/** Remembers the highest block a caller is shown, so that its head never steps back. */
export function keepFloor(floors: Floors): Stage {
  return (exchange, next) => {
    const { caller, chain } = exchange
    exchange.headBlock = floors.headFor(caller, chain)
    return after(next(exchange), (answer) => {
      if (answer.kind === 'result' && answer.block !== undefined) {
        floors.raise(caller, chain, answer.block)
      }
      return answer
    })
  }
}
