import type { TokenAmount } from '@mooring/protocol/units'
import { type Economy, type NoArgs, type Verb, valuesNow } from '../economy.ts'
import { given, taken } from '../ledger.ts'
import { least } from '../money/mul-div.ts'
import { isRunning, noAuction, priceOf } from '../payments/auction.ts'
import { isStale, stableOf } from '../payments/rate-feed.ts'
import { refuseIf } from '../refused.ts'
import { splitBooked, stableBooked } from './route.ts'

/** Offers what is pending or has arrived, up to the largest lot; the rest of an auction that is over is pending again. */
export const startAuction: Verb<NoArgs> = (economy) => {
  const { now, rateFeed } = economy
  const values = valuesNow(economy)
  const pending = stableBooked(withRestPending(economy))
  const { router } = pending
  const lot = least(router.stablePending, stableOf(rateFeed, values.AuctionLotMax))
  refuseIf({
    FeeRouterAuctionRunning: isRunning(economy.router.auction, now),
    FeeRouterRateStale: isStale(rateFeed, values, now),
    FeeRouterLotTooSmall: lot < stableOf(rateFeed, values.AuctionLotMin),
  })
  const auction = {
    lot,
    startedAt: now,
    endsAt: now + values.AuctionSeconds,
    rate: rateFeed.rate,
    startPpm: values.AuctionStartPpm,
    floorPpm: values.AuctionFloorPpm,
  }
  const stablePending = router.stablePending - lot
  return { ...pending, router: { ...router, auction, stablePending } }
}

/** Anyone may. */
export const endAuction: Verb<NoArgs> = (economy) => {
  const { auction } = economy.router
  refuseIf({
    FeeRouterNoAuction: auction.lot === 0n,
    FeeRouterAuctionRunning: isRunning(auction, economy.now),
  })
  return withRestPending(economy)
}

export type BuyArgs = { stableMax: TokenAmount; ankrMax: TokenAmount }

export const buy: Verb<BuyArgs> = (economy, caller, { stableMax, ankrMax }) => {
  const { router, now } = economy
  const { stableUnit } = economy.rateFeed
  refuseIf({
    FeeRouterZeroAmount: stableMax === 0n,
    FeeRouterNoAuction: !isRunning(router.auction, now),
  })
  const sold = least(stableMax, router.auction.lot)
  const paid = priceOf(router.auction, sold, { now, stableUnit })
  refuseIf({ FeeRouterTooDear: paid > ankrMax })
  const lot = router.auction.lot - sold
  const auction = lot === 0n ? noAuction : { ...router.auction, lot }
  const pay = { token: 'ankr', from: caller, to: 'feeRouter', amount: paid } as const
  const withPaid = taken(economy.ledger, pay)
  const split = splitBooked({ ...economy, router: { ...router, auction }, ledger: withPaid }, paid)
  const goods = { token: 'stable', from: 'feeRouter', to: caller, amount: sold } as const
  return { ...split, ledger: given(split.ledger, goods) }
}

function withRestPending(economy: Economy): Economy {
  const { router } = economy
  const stablePending = router.stablePending + router.auction.lot
  return { ...economy, router: { ...router, stablePending, auction: noAuction } }
}
