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
