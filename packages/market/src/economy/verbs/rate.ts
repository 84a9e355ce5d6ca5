import type { Seconds } from '@mooring/protocol/units'
import { type Verb, valuesNow } from '../economy.ts'
import type { Account } from '../ledger.ts'
import { medianOf, moved, type Rate } from '../payments/rate-feed.ts'
import { refuseIf } from '../refused.ts'
import { quorumProblems } from '../signers/signer-sets.ts'

export type PostRateArgs = {
  observedAt: Seconds
  quotes: readonly Rate[]
  /** Who signed which quote. */
  signers: readonly Account[]
}

/** Anyone may bring quotes. */
export const postRate: Verb<PostRateArgs> = (economy, _caller, { observedAt, quotes, signers }) => {
  const { rateFeed, now } = economy
  const values = valuesNow(economy)
  refuseIf({
    RateFeedNotNewer: observedAt <= rateFeed.updatedAt,
    RateFeedInFuture: observedAt > now,
    RateFeedTooOld: now - observedAt > values.RateStaleSeconds,
    RateFeedLengthMismatch: quotes.length !== signers.length,
    RateFeedZeroQuote: quotes.includes(0n),
    ...quorumProblems(economy.signerSets, 'RateSigner', signers),
  })
  const median = medianOf(quotes)
  return { ...economy, rateFeed: moved(rateFeed, { median, observedAt, now }, values) }
}
