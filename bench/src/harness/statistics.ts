/** The middle value; of an even number of values the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [below, above] = [sorted[middle - 1], sorted[middle]]
  if (above === undefined) throw new Error('there is no median of nothing')
  return sorted.length % 2 === 1 || below === undefined ? above : (below + above) / 2
}

/**
 * The smallest value that at least this part of the values does not exceed.
 *
 * @param part - 0..1, such as 0.99.
 */
export function percentileOf(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const value = sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)]
  if (value === undefined) throw new Error('there is no percentile of nothing')
  return value
}

/** The median of what was measured, and the interval that it is in with 95 % confidence. */
export type Interval = { median: number; low: number; high: number }

/**
 * By the bootstrap: groups are drawn anew, and values in each, so that what sets one group apart from the others counts
 * as chance too. The same values give the same interval.
 *
 * @param groups - Measured under the same circumstances each, such as by one process; none may be empty.
 */
export function intervalOf(groups: readonly (readonly number[])[]): Interval {
  const random = createRandom()
  const draw = <T>(from: readonly T[]): T[] =>
    // An index below the length.
    from.map(() => from[Math.floor(random() * from.length)]!)
  const medians = Array.from({ length: draws }, () =>
    medianOf(draw(groups).flatMap((group) => draw(group))),
  )
  const median = medianOf(groups.flat())
  return { median, low: percentileOf(medians, 0.025), high: percentileOf(medians, 0.975) }
}

/** As a person reads it: 0.94 [0.93, 0.95]. */
export function rangeOf({ median, low, high }: Interval, digits = 2): string {
  const [middle, from, to] = [median, low, high].map((value) => value.toFixed(digits))
  return `${middle} [${from}, ${to}]`
}

const draws = 2_000

/** Numbers from 0 to 1, always the same: a linear congruential generator does for drawing samples. */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
