/** An upstream's part of a chain's recent relays before, and the weight it has now; 0 when it is gone. */
export type TrafficPart = { recentRelays: number; weight: number }

/**
 * Which part of a chain's recent traffic would go to another upstream than it went to: the distance between
 * how it was spread and how the weights would spread it.
 *
 * @returns 0..1. Before any traffic was seen, 0: there is nothing that could move.
 */
export function movedPart(parts: readonly TrafficPart[]): number {
  const relays = sum(parts.map(({ recentRelays }) => recentRelays))
  const weights = sum(parts.map(({ weight }) => weight))
  if (relays === 0) return 0
  if (weights === 0) return 1
  const distances = parts.map(({ recentRelays, weight }) =>
    Math.abs(recentRelays / relays - weight / weights),
  )
  return sum(distances) / 2
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
