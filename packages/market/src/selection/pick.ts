/** An upstream fit for the request at hand. */
export type Candidate = {
  provider: string
  /** Relative chance of being considered; above 0. */
  weight: number
  inFlight: number
}

/**
 * Weighted pick of two: two different candidates are drawn by weight, and the one with fewer requests
 * in flight is taken (the first drawn when equal). Light weights are drawn seldom but not never, so
 * newcomers are measured; comparing only the two spreads the work without herding to one.
 *
 * @param random - Uniform in [0, 1).
 * @returns undefined when there are no candidates.
 */
export function pickOfTwo<C extends Candidate>(
  candidates: readonly C[],
  random: () => number,
): C | undefined {
  const first = draw(candidates, random, undefined)
  if (first === undefined || candidates.length === 1) return first
  const second = draw(candidates, random, first)
  return second !== undefined && second.inFlight < first.inFlight ? second : first
}

/** A candidate this much lighter than the best is no healthy stand-in for it. */
const comparablePart = 0.5

/**
 * Leaves out providers that already have more than their part of the traffic, while others are about as
 * good: the cap spreads traffic, it does not send it to broken nodes.
 *
 * @param shareOf - A provider's part of the chain's recent relays, 0..1.
 */
export function withinShare<C extends Candidate>(
  candidates: readonly C[],
  shareOf: (provider: string) => number,
  shareMax: number,
): readonly C[] {
  let count = 0
  for (const { provider } of candidates) if (shareOf(provider) < shareMax) count++
  // Every relay comes through here, and nearly always nobody has too much.
  if (count === candidates.length) return candidates
  const within = candidates.filter(({ provider }) => shareOf(provider) < shareMax)
  return heaviest(within) >= heaviest(candidates) * comparablePart ? within : candidates
}

function heaviest(candidates: readonly Candidate[]): number {
  return candidates.reduce((most, { weight }) => Math.max(most, weight), 0)
}

function draw<C extends Candidate>(
  candidates: readonly C[],
  random: () => number,
  except: C | undefined,
): C | undefined {
  let total = 0
  for (const candidate of candidates) if (candidate !== except) total += candidate.weight
  let rest = random() * total
  let last: C | undefined
  for (const candidate of candidates) {
    if (candidate === except) continue
    last = candidate
    rest -= candidate.weight
    if (rest < 0) return candidate
  }
  return last
}
