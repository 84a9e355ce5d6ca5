import { type Ppm, ppmScale, type TokenAmount, tokenScale } from '@mooring/protocol/units'
import { mulDivUp } from '../economy/money/mul-div.ts'
import type { Credits } from './holding.ts'

/** 1,000,000 credits are 0.10 USD. */
export const creditsPerUsd = 10_000_000n

export type AnkrTerms = {
  /** Times 1e18, as the rate feed has it. */
  usdPerAnkr: bigint
  /** How much more an ANKR buys than its worth; the parameters' rule against washing counts it so. */
  discountPpm: Ppm
}

/** @returns Rounded down. */
export function creditsOfAnkr(
  tokens: TokenAmount,
  { usdPerAnkr, discountPpm }: AnkrTerms,
): Credits {
  const value = tokens * usdPerAnkr * creditsPerUsd * (ppmScale + discountPpm)
  return value / (tokenScale * tokenScale * ppmScale)
}

/** The least ANKR that buys so many credits: rounded up, so they are never sold below their price. */
export function ankrForCredits(
  credits: Credits,
  { usdPerAnkr, discountPpm }: AnkrTerms,
): TokenAmount {
  const perAnkr = usdPerAnkr * creditsPerUsd * (ppmScale + discountPpm)
  return mulDivUp(credits, tokenScale * tokenScale * ppmScale, perAnkr)
}

/** What credits cost in USD times 1e18; exact, for a credit is a ten-millionth of a dollar. */
export function usdOfCredits(credits: Credits): bigint {
  return credits * (tokenScale / creditsPerUsd)
}

/** @param stableUnit - One stablecoin in its base units. @returns Rounded down. */
export function creditsOfStable(tokens: TokenAmount, stableUnit: bigint): Credits {
  return (tokens * creditsPerUsd) / stableUnit
}
