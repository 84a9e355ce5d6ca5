import { balanceOf, holders, nobody, surplusOf, tokens } from '../../ledger.ts'
import { isRunning, priceOf } from '../../payments/auction.ts'
import { feeBuckets } from '../../payments/fee-split.ts'
import { isStale, stableOf } from '../../payments/rate-feed.ts'
import { amountOf, anyone, callerOr, type Move, signersFor } from '../scene.ts'

export const route: Move = ({ cast }) => ({ name: 'route', caller: cast.outsider, args: {} })

/** Only a gift leaves the distributor something to book, so mostly there is one first. */
export const fund: Move = (scene) => {
  const { cast, dice, economy } = scene
  const arrived = surplusOf(economy.ledger, 'ankr', 'rewardDistributor')
  if (arrived > 0n || dice.percent(20)) return { name: 'fund', caller: cast.outsider, args: {} }
  const caller = anyone(scene)
  const amount = amountOf(scene, 'ankr', caller) / 1_000n
  return { name: 'transfer', caller, args: { token: 'ankr', to: 'rewardDistributor', amount } }
}

export const releaseBucket: Move = ({ dice, economy, cast }) => {
  const { accrued } = economy.router
  const bucket = dice.oneOf(feeBuckets.filter((name) => accrued[name] > 0n))
  if (bucket === undefined) return undefined
  return { name: 'releaseBucket', caller: cast.outsider, args: { bucket } }
}

export const setRecipient: Move = (scene) => {
  const { dice, economy } = scene
  const bucket = dice.oneOf(feeBuckets) ?? 'Treasury'
  const to = dice.percent(10) ? nobody : anyone(scene)
  const caller = callerOr(scene, economy.roles.governor)
  return { name: 'setRecipient', caller, args: { bucket, to } }
}

export const postRate: Move = (scene) => {
  const { dice, economy, now, values, cast } = scene
  const { rate, updatedAt } = economy.rateFeed
  const oldest = now - values.RateStaleSeconds
  const earliest = updatedAt >= oldest ? updatedAt + 1n : oldest
  const odd = dice.percent(50) ? earliest - 1n : now + 1n
  const observedAt = dice.percent(95) ? dice.between(earliest, now) : odd
  const signers = signersFor(scene, 'RateSigner')
  const lowest = dice.percent(2) ? 0n : rate / 2n
  const quotes = signers.map(() => dice.between(lowest, rate * 2n))
  if (dice.percent(2)) quotes.push(rate)
  return { name: 'postRate', caller: cast.outsider, args: { observedAt, quotes, signers } }
}

/** A fresh rate first, mostly: without one no auction starts. */
export const startAuction: Move = (scene) => {
  const { economy, now, values, dice, cast } = scene
  const { router, rateFeed } = economy
  if (isRunning(router.auction, now) && dice.percent(90)) return undefined
  const pending = router.stablePending + router.auction.lot
  if (pending < stableOf(rateFeed, values.AuctionLotMin) && dice.percent(95)) return undefined
  if (isStale(rateFeed, values, now) && dice.percent(90)) return postRate(scene)
  return { name: 'startAuction', caller: cast.outsider, args: {} }
}

export const endAuction: Move = ({ cast, dice, economy }) => {
  if (economy.router.auction.lot === 0n && dice.percent(80)) return undefined
  return { name: 'endAuction', caller: cast.outsider, args: {} }
}

/** Buys a part of what is for sale, now and then at exactly its price or one below. */
export const buy: Move = (scene) => {
  const { dice, economy, now, cast } = scene
  const { auction } = economy.router
  const isOpen = isRunning(auction, now)
  if (!isOpen && dice.percent(98)) return dice.percent(30) ? startAuction(scene) : undefined
  const most = auction.lot + (dice.percent(20) ? 1n : 0n)
  const stableMax = dice.percent(3) ? 0n : dice.between(1n, most)
  const caller = dice.oneOf(cast.delegators) ?? cast.outsider
  const { stableUnit } = economy.rateFeed
  const isPriced = isOpen && stableMax > 0n && stableMax <= auction.lot && dice.percent(40)
  const ankrMax = isPriced
    ? priceOf(auction, stableMax, { now, stableUnit }) - BigInt(dice.below(2))
    : balanceOf(economy.ledger, 'ankr', caller)
  return { name: 'buy', caller, args: { stableMax, ankrMax } }
}

/** Between people, or a gift to a contract that has not asked for it. */
export const transfer: Move = (scene) => {
  const { dice } = scene
  const caller = anyone(scene)
  const token = dice.oneOf(tokens) ?? 'ankr'
  const to = (dice.percent(60) ? dice.oneOf(holders) : undefined) ?? anyone(scene)
  const amount = amountOf(scene, token, caller) / 100n
  return { name: 'transfer', caller, args: { token, to, amount } }
}

export const sweepSurplus: Move = ({ dice, economy, cast }) => {
  const swept = ['stakingPool', 'ankrEscrow', 'stableEscrow'] as const
  const places = swept.flatMap((from) => tokens.map((token) => ({ from, token })))
  const isAsked = dice.percent(95)
  const args = dice.oneOf(
    places.filter(({ from, token }) => !isAsked || surplusOf(economy.ledger, token, from) > 0n),
  )
  if (args === undefined) return undefined
  return { name: 'sweepSurplus', caller: cast.outsider, args }
}
