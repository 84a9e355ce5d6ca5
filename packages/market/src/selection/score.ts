import { type Gate, gatesOf } from './gates.ts'
import type { LagRule, Observation } from './observation.ts'
import { signals } from './signals.ts'

export type Term = { term: string; value: number; weight: number; reason: string }

export type Score = {
  /** 1–10, or 0 while a gate holds. */
  score: number
  gates: Gate[]
  terms: Term[]
}

export const scoreMax = 10

/**
 * The published score of an upstream: gates first, then 1 + 9 × Π termᵂᵉⁱᵍʰᵗ, rounded to a whole number.
 * Whole numbers keep equal nodes equal: small differences in latency do not move traffic.
 */
export function scoreOf(seen: Observation, lag: LagRule): Score {
  const gates = gatesOf(seen, lag)
  const terms = signals.map(({ term, weight, measure }) => ({
    term,
    weight,
    ...measure(seen, lag),
  }))
  const product = terms.reduce((rest, { value, weight }) => rest * value ** weight, 1)
  const score = gates.length > 0 ? 0 : 1 + Math.round((scoreMax - 1) * product)
  return { score, gates, terms }
}
