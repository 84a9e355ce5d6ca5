import type { Signal } from './signal.ts'

/** Never quite zero, so that an upstream that failed everything is still measured. */
const least = 0.05

/** The success rate itself; its weight of 3 makes a node that fails one in five worth about half. */
export const success: Signal = {
  term: 'success',
  weight: 3,
  measure({ successRate }) {
    const value = Math.min(1, Math.max(least, successRate))
    return { value, reason: `${(successRate * 100).toFixed(1)} % of recent attempts succeeded` }
  },
}
