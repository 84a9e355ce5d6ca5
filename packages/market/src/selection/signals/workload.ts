import type { Signal } from './signal.ts'

const least = 0.1

/** Free capacity: 1 when idle, 0.1 when full. */
export const workload: Signal = {
  term: 'workload',
  weight: 1,
  measure({ inFlight, inFlightMax }) {
    const value = Math.max(least, 1 - inFlight / inFlightMax)
    return { value, reason: `${inFlight} requests in flight of at most ${inFlightMax}` }
  },
}
