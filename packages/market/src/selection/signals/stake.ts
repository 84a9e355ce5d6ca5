import type { Signal } from './signal.ts'

/** Of a node with the least stake it needs, and of one that needs none. */
const least = 0.8
/** More than this many times the least counts no more. */
const timesMax = 4

/**
 * From 0.8 at the least stake in a straight line to 1 at four times as much. Its weight of a quarter makes all of it
 * worth less than a node that fails one request in fifty loses, and never more than one point: money outbids nobody.
 */
export const stake: Signal = {
  term: 'stake',
  weight: 0.25,
  measure({ stakeTimes }) {
    if (stakeTimes === undefined) return { value: least, reason: 'named by the operator, unstaked' }
    const part = Math.min(1, Math.max(0, (stakeTimes - 1) / (timesMax - 1)))
    const reason = `${stakeTimes.toFixed(1)} times the stake that a node needs`
    return { value: least + (1 - least) * part, reason }
  },
}
