import { type Ppm, ppmScale, type TokenAmount, tokenScale } from '@mooring/protocol/units'
import { mulDivUp } from '../economy/money/mul-div.ts'

/** What credits cost in USD times 1e18, rounded up: nobody is told less than is paid. */
export function usdOfCredits(credits: bigint, creditsPerUsd: number): bigint {
  return mulDivUp(credits, tokenScale, BigInt(creditsPerUsd))
}

export type AnkrTerms = {
  creditsPerUsd: number
  /** USD per ANKR times 1e18. */
  usdPerAnkr: bigint
  /**
   * How much more an ANKR buys than its worth in USD would. Counted as the rule of the parameters does that keeps
   * paying oneself a loss: 100,000 makes 1 ANKR buy what 1.1 ANKR are worth.
   */
  discountPpm: Ppm
}

/** The ANKR that buys so many credits, rounded up: credits are never sold below their price. */
export function ankrForCredits(
  credits: bigint,
  { creditsPerUsd, usdPerAnkr, discountPpm }: AnkrTerms,
): TokenAmount {
  return mulDivUp(
    credits,
    tokenScale * tokenScale * ppmScale,
    BigInt(creditsPerUsd) * usdPerAnkr * (ppmScale + discountPpm),
  )
}
