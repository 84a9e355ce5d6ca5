import type { Signal } from './signal.ts'

/** Below this every upstream counts as near: the difference is noise. */
const nearMs = 25
/** An upstream this much slower than near is worth half. */
const halfMs = 250
/** Before the first probe: neither rewarded nor starved. */
const unmeasured = 0.5

/** Halves with every doubling of distance: 1 / (1 + (probe − 25 ms) / 250 ms). */
export const latency: Signal = {
  term: 'latency',
  weight: 1,
  measure({ probeLatencyMs }) {
    if (probeLatencyMs === undefined) return { value: unmeasured, reason: 'not measured yet' }
    const value = 1 / (1 + Math.max(0, probeLatencyMs - nearMs) / halfMs)
    return { value, reason: `the standard probe takes ${probeLatencyMs.toFixed(0)} ms` }
  },
}
