import { type Ppm, ppmScale, type TokenAmount, tokenScale } from '@mooring/protocol/units'
import type { Credits } from './holding.ts'

/** 1,000,000 credits are 0.10 USD. */
export const creditsPerUsd = 10_000_000n

/** @param usdPerAnkr - Times 1e18, as the rate feed has it. @returns Rounded down. */
export function creditsOfAnkr(
  tokens: TokenAmount,
  { usdPerAnkr, discountPpm }: { usdPerAnkr: bigint; discountPpm: Ppm },
): Credits {
  const value = tokens * usdPerAnkr * creditsPerUsd * (ppmScale + discountPpm)
  return value / (tokenScale * tokenScale * ppmScale)
}

/** @param stableUnit - One stablecoin in its base units. @returns Rounded down. */
export function creditsOfStable(tokens: TokenAmount, stableUnit: bigint): Credits {
  return (tokens * creditsPerUsd) / stableUnit
}
