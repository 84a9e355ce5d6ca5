import { paramNumbers } from '@mooring/abis/params'
import { readPart, type System } from '@mooring/onchain/contracts'
import type { Ppm } from '@mooring/protocol/units'
import type { Caps } from '@mooring/store/ledger/positions'

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
}

export async function readTerms(system: System): Promise<ChainTerms> {
  const param = (name: keyof typeof paramNumbers) =>
    readPart(system, 'params', 'get', [paramNumbers[name]])
  const [ppm, min, periodSeconds, discountPpm, rateStaleSeconds, stableUnit] = await Promise.all([
    param('PeriodCapPpm'),
    param('PeriodCapMin'),
    param('ChargePeriodSeconds'),
    param('AnkrDiscountPpm'),
    param('RateStaleSeconds'),
    readPart(system, 'rateFeed', 'stableUnit', []),
  ])
  const stableMin = await readPart(system, 'rateFeed', 'stableOf', [min])
  const caps = { ankr: { min, ppm }, usd: { min: stableMin, ppm } }
  return { caps, periodSeconds, discountPpm, rateStaleSeconds, stableUnit }
}
