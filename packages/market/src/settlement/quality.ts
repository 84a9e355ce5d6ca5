import { type Ppm, ppmScale } from '@mooring/protocol/units'
import { least, most } from '../economy/money/mul-div.ts'

/** What a provider's relays of one chain came to. */
export type RelayCounts = {
  /** Sent to its nodes and judged. */
  asked: bigint
  answered: bigint
  /** By a fault of its own. */
  failed: bigint
  /** Of those answered, the ones that took too long. */
  late: bigint
}

/** How counts become quality, as data. */
export type QualityRule = {
  /** Share of success with which quality is nothing. */
  floorPpm: Ppm
  /** Share from which it is whole; above the floor. */
  targetPpm: Ppm
  /** What part of a failure an answer that came late is. */
  latePpm: Ppm
  /** With fewer asked nothing is known yet, and quality is whole. */
  askedMin: bigint
}

export const defaultQualityRule: QualityRule = {
  floorPpm: 900_000n,
  targetPpm: 995_000n,
  latePpm: 250_000n,
  askedMin: 100n,
}

/** The part of its earnings that a provider keeps, in PPM: linear between floor and target, rounded down. */
export function qualityOf({ asked, failed, late }: RelayCounts, rule: QualityRule): Ppm {
  const { floorPpm, targetPpm, latePpm, askedMin } = rule
  if (asked < askedMin || asked === 0n) return ppmScale
  // In millionths of a relay; never below nothing, for a relay fails or is late and not both.
  const good = asked * ppmScale - failed * ppmScale - late * latePpm
  const above = most(0n, good - floorPpm * asked)
  return least(ppmScale, (above * ppmScale) / ((targetPpm - floorPpm) * asked))
}

export function sumOfCounts(counts: readonly RelayCounts[]): RelayCounts {
  const sum = { asked: 0n, answered: 0n, failed: 0n, late: 0n }
  for (const { asked, answered, failed, late } of counts) {
    sum.asked += asked
    sum.answered += answered
    sum.failed += failed
    sum.late += late
  }
  return sum
}
