import { ppmScale, type Seconds, type TokenAmount, tokenScale } from '@mooring/protocol/units'
import { least, most, mulDivUp, partDown } from '../money/mul-div.ts'
import type { ParamValues } from '../parameters/sheet.ts'

/** USD per ANKR, times 1e18. */
export type Rate = bigint

export type RateFeed = {
  rate: Rate
  updatedAt: Seconds
  /** What the moves of the current day are measured from, and when that day began. */
  anchor: { rate: Rate; since: Seconds }
  /** One stablecoin in its base units. */
  stableUnit: bigint
}

const daySeconds = 86_400n

export function createRateFeed(
  rate: Rate,
  { stableDecimals, now }: { stableDecimals: bigint; now: Seconds },
): RateFeed {
  const anchor = { rate, since: now }
  return { rate, updatedAt: now, anchor, stableUnit: 10n ** stableDecimals }
}

/** The middle of the quotes; of two in the middle, their mean, rounded down. */
export function medianOf(quotes: readonly Rate[]): Rate {
  const sorted = quotes.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  if (upper === undefined || lower === undefined) throw new RangeError('no quotes')
  return (lower + upper) / 2n
}

export function isStale({ updatedAt }: RateFeed, values: ParamValues, now: Seconds): boolean {
  return now - updatedAt > values.RateStaleSeconds
}

/** The feed after a median of one moment: moved towards it as far as one update and one day allow. */
export function moved(
  feed: RateFeed,
  { median, observedAt, now }: { median: Rate; observedAt: Seconds; now: Seconds },
  values: ParamValues,
): RateFeed {
  const isNewDay = now >= feed.anchor.since + daySeconds
  const anchor = isNewDay ? { rate: feed.rate, since: now } : feed.anchor
  // Where the two exclude each other, that of one update decides: the rate walks back, it does not jump.
  const withinDay = clamped(median, anchor.rate, values.RateDayMoveMaxPpm)
  const rate = clamped(withinDay, feed.rate, values.RateMoveMaxPpm)
  return { ...feed, rate, updatedAt: observedAt, anchor }
}

/** Stablecoin worth an amount of ANKR; rounds up, so that a minimum is never met by less. */
export function stableOf({ rate, stableUnit }: RateFeed, ankr: TokenAmount): TokenAmount {
  return mulDivUp(ankr * rate, stableUnit, tokenScale * tokenScale)
}

/**
 * ANKR to pay for stablecoin at a part of the rate's price; rounds up, so that a buyer never pays too little.
 */
export function ankrFor(
  stable: TokenAmount,
  { rate, stableUnit, pricePpm }: { rate: Rate; stableUnit: bigint; pricePpm: bigint },
): TokenAmount {
  return mulDivUp(stable * tokenScale * tokenScale, pricePpm, stableUnit * rate * ppmScale)
}

/** Rounds outward, and never to nothing: a rate of a few units could never rise again. */
function clamped(wanted: Rate, from: Rate, movePpm: bigint): Rate {
  const low = most(1n, partDown(from, ppmScale - movePpm))
  const high = mulDivUp(from, ppmScale + movePpm, ppmScale)
  return least(most(wanted, low), high)
}
