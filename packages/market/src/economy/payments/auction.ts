import type { Ppm, Seconds, TokenAmount } from '@mooring/protocol/units'
import { mulDivDown } from '../money/mul-div.ts'
import { ankrFor, type Rate } from './rate-feed.ts'

/** Stablecoin for sale at a price that falls evenly with time. */
export type Auction = {
  /** Still for sale; 0 when there is no auction. */
  lot: TokenAmount
  startedAt: Seconds
  endsAt: Seconds
  rate: Rate
  startPpm: Ppm
  floorPpm: Ppm
}

export const noAuction: Auction = {
  lot: 0n,
  startedAt: 0n,
  endsAt: 0n,
  rate: 0n,
  startPpm: 0n,
  floorPpm: 0n,
}

export function isRunning({ lot, endsAt }: Auction, now: Seconds): boolean {
  return lot > 0n && now < endsAt
}

/** The price now, in PPM of the rate's; what it has fallen rounds down, in favour of the fees. */
export function pricePpmAt({ startedAt, endsAt, startPpm, floorPpm }: Auction, now: Seconds): Ppm {
  return startPpm - mulDivDown(startPpm - floorPpm, now - startedAt, endsAt - startedAt)
}

/** ANKR to pay for a part of the lot now. */
export function priceOf(
  auction: Auction,
  sold: TokenAmount,
  { now, stableUnit }: { now: Seconds; stableUnit: bigint },
): TokenAmount {
  return ankrFor(sold, { rate: auction.rate, stableUnit, pricePpm: pricePpmAt(auction, now) })
}
