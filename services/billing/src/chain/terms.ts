import { paramNumbers } from '@mooring/abis/params'
import { readPart, type System } from '@mooring/onchain/contracts'
import { type NamedTables, readPriceTables } from '@mooring/onchain/prices'
import type { PriceTerms } from '@mooring/protocol/metering/wire'
import type { Ppm } from '@mooring/protocol/units'
import type { Caps } from '@mooring/store/ledger/positions'
import type { Clock } from '@mooring/telemetry/clock'

/** What the chain says of charges and credits now. */
export type ChainTerms = {
  caps: Caps
  periodSeconds: bigint
  /** What whoever deposits ANKR gets more credits by. */
  discountPpm: Ppm
  /** A rate older than that is not believed. */
  rateStaleSeconds: bigint
  /** One stablecoin in its base units. */
  stableUnit: bigint
  prices: NamedTables
  /** The epoch it is in. */
  epoch: bigint
  /** When its newest block was made, in seconds since 1970: by its own clock, which epochs go by. */
  chainSeconds: bigint
  /** When this was read, by the clock that never steps back. */
  readMs: number
}

export async function readTerms(system: System, clock: Clock): Promise<ChainTerms> {
  const readMs = clock.nowMs()
  const param = (name: keyof typeof paramNumbers) =>
    readPart(system, 'params', 'get', [paramNumbers[name]])
  const [ppm, min, periodSeconds, discountPpm, rateStaleSeconds, stableUnit, epoch, prices, block] =
    await Promise.all([
      param('PeriodCapPpm'),
      param('PeriodCapMin'),
      param('ChargePeriodSeconds'),
      param('AnkrDiscountPpm'),
      param('RateStaleSeconds'),
      readPart(system, 'rateFeed', 'stableUnit', []),
      readPart(system, 'params', 'currentEpoch', []),
      readPriceTables(system),
      system.reader.getBlock(),
    ])
  const stableMin = await readPart(system, 'rateFeed', 'stableOf', [min])
  const caps = { ankr: { min, ppm }, usd: { min: stableMin, ppm } }
  const chainSeconds = block.timestamp
  return {
    ...{ caps, periodSeconds, discountPpm, rateStaleSeconds, stableUnit },
    ...{ epoch, prices, chainSeconds, readMs },
  }
}

/** The tables of prices as a gateway is told of them. */
export function priceTermsOf(
  { prices, chainSeconds, readMs }: ChainTerms,
  nowMs: number,
): PriceTerms {
  const { inForce, waiting } = prices
  if (waiting === undefined) return { hash: inForce.hash, next: null }
  const inMs = Number(waiting.startsAtSeconds - chainSeconds) * 1_000 - (nowMs - readMs)
  // Its time has come since the chain was read.
  if (inMs <= 0) return { hash: waiting.hash, next: null }
  return { hash: inForce.hash, next: { hash: waiting.hash, inMs } }
}
