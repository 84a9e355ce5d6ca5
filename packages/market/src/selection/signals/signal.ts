import type { LagRule, Observation } from '../observation.ts'

/** One factor of the score. */
export type Signal = {
  /** Name shown beside the value. */
  term: string
  /** Exponent in the product: how much the term counts. */
  weight: number
  /** @returns A value in (0, 1], and the observation it comes from in words. */
  measure(seen: Observation, lag: LagRule): { value: number; reason: string }
}
