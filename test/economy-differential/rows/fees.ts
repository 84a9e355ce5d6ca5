import { feeRouterAbi } from '@mooring/abis/fee-router'
import { rateFeedAbi } from '@mooring/abis/rate-feed'
import { valuesNow } from '@mooring/market/economy/economy'
import { feeBuckets } from '@mooring/market/economy/payments/fee-split'
import { isStale } from '@mooring/market/economy/payments/rate-feed'
import { type RowsOf, rowsFrom } from './row.ts'

export const feeRows: RowsOf = (world, economy) => {
  const { router, rateFeed, now } = economy
  const row = rowsFrom('feeRouter', world.parts.feeRouter, feeRouterAbi)
  const feed = rowsFrom('rateFeed', world.parts.rateFeed, rateFeedAbi)
  const stale = isStale(rateFeed, valuesNow(economy), now)
  return [
    ...feeBuckets.flatMap((bucket, place) => [
      row('accrued', [place], router.accrued[bucket]),
      row('recipientOf', [place], world.addressOf(router.recipients[bucket])),
    ]),
    row('providersTotal', [], router.providersTotal),
    row('stablePending', [], router.stablePending),
    // Of an auction that is over the contract remembers the terms, which mean nothing.
    row('auction', [], router.auction.lot === 0n ? 'none' : router.auction, (auction) =>
      auction.lot === 0n ? 'none' : auction,
    ),
    feed('latest', [], [rateFeed.rate, rateFeed.updatedAt, stale]),
    feed('anchor', [], [rateFeed.anchor.rate, rateFeed.anchor.since]),
    feed('stableUnit', [], rateFeed.stableUnit),
  ]
}
