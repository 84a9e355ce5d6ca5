import { type SharesAmount, type TokenAmount, tokenScale } from '@mooring/protocol/units'
import { least, mulDivDown } from '../money/mul-div.ts'

/**
 * Stake of one kind behind a provider. Only slashing lowers the price of a share, and nothing raises it but
 * dust that rounding leaves behind.
 */
export type ShareBucket = {
  active: TokenAmount
  shares: SharesAmount
  unbonding: TokenAmount
  unbondingShares: SharesAmount
  generation: bigint
  unbondingGeneration: bigint
  /** What disputes keep from leaving. */
  locked: TokenAmount
}

type Staked = { bucket: ShareBucket; shares: SharesAmount }
type Withdrawn = { bucket: ShareBucket; amount: TokenAmount }
type Unstaked = Withdrawn & { unbondingShares: SharesAmount }
type Slashed = {
  bucket: ShareBucket
  taken: TokenAmount
  /** The residue of closed generations, owed to nobody any more. */
  swept: TokenAmount
  activeClosed: boolean
  unbondingClosed: boolean
}

export const emptyBucket: ShareBucket = {
  active: 0n,
  shares: 0n,
  unbonding: 0n,
  unbondingShares: 0n,
  generation: 0n,
  unbondingGeneration: 0n,
  locked: 0n,
}

export function totalOf({ active, unbonding }: ShareBucket): TokenAmount {
  return active + unbonding
}

/** Shares that `amount` brings; rounds down, so that who joins never takes from those who are there. */
export function sharesFor({ active, shares }: ShareBucket, amount: TokenAmount): SharesAmount {
  // The first share costs one base unit, which makes this the one place where the units may change.
  return shares === 0n ? BigInt(amount) : mulDivDown(amount, shares, active)
}

/** What `part` of the shares is worth; rounds down, so that who leaves never takes from those who stay. */
export function activeValueOf({ active, shares }: ShareBucket, part: SharesAmount): TokenAmount {
  return shares === 0n ? 0n : mulDivDown(part, active, shares)
}

/** What `part` of the shares that are unbonding is worth; rounds down, and the last takes all there is. */
export function unbondingValueOf(bucket: ShareBucket, part: SharesAmount): TokenAmount {
  const { unbonding, unbondingShares } = bucket
  return unbondingShares === 0n ? 0n : mulDivDown(part, unbonding, unbondingShares)
}

export function staked(bucket: ShareBucket, amount: TokenAmount): Staked {
  const shares = sharesFor(bucket, amount)
  return {
    bucket: { ...bucket, active: bucket.active + amount, shares: bucket.shares + shares },
    shares,
  }
}

/** Moves shares to the side that is leaving. Both directions favour those who are on that side already. */
export function unstaked(bucket: ShareBucket, shares: SharesAmount): Unstaked {
  const amount = activeValueOf(bucket, shares)
  const { unbonding, unbondingShares } = bucket
  const minted = unbonding === 0n ? amount : mulDivDown(amount, unbondingShares, unbonding)
  return {
    bucket: {
      ...bucket,
      active: bucket.active - amount,
      shares: bucket.shares - shares,
      unbonding: unbonding + amount,
      unbondingShares: unbondingShares + minted,
    },
    amount,
    unbondingShares: minted,
  }
}

export function withdrawn(bucket: ShareBucket, unbondingShares: SharesAmount): Withdrawn {
  const amount = unbondingValueOf(bucket, unbondingShares)
  return {
    bucket: {
      ...bucket,
      unbonding: bucket.unbonding - amount,
      unbondingShares: bucket.unbondingShares - unbondingShares,
    },
    amount,
  }
}

/** Back to work at today's price. */
export function cancelled(bucket: ShareBucket, unbondingShares: SharesAmount): Staked & Withdrawn {
  const { bucket: left, amount } = withdrawn(bucket, unbondingShares)
  return { ...staked(left, amount), amount }
}

/** Takes up to `amount` from both sides alike; the side that is leaving rounds down, so it bears the dust. */
export function slashed(bucket: ShareBucket, amount: TokenAmount): Slashed {
  const total = totalOf(bucket)
  const taken = least(amount, total)
  if (taken === 0n) return { bucket, taken, swept: 0n, activeClosed: false, unbondingClosed: false }
  const rest = total - taken
  const unbonding = mulDivDown(bucket.unbonding, rest, total)
  const hit = { ...bucket, active: rest - unbonding, unbonding }
  const activeClosed = isSpent(hit.active, hit.shares)
  const unbondingClosed = isSpent(hit.unbonding, hit.unbondingShares)
  const swept = (activeClosed ? hit.active : 0n) + (unbondingClosed ? hit.unbonding : 0n)
  const open = activeClosed ? withoutActive(hit) : hit
  return {
    bucket: unbondingClosed ? withoutUnbonding(open) : open,
    taken,
    swept,
    activeClosed,
    unbondingClosed,
  }
}

const sharesPerTokenMax = 1_000_000n

/** So little is left that the shares of those who join would grow without bounds. */
function isSpent(amount: TokenAmount, shares: SharesAmount): boolean {
  return shares > 0n && (amount < tokenScale || amount * sharesPerTokenMax < shares)
}

function withoutActive(bucket: ShareBucket): ShareBucket {
  return { ...bucket, active: 0n, shares: 0n, generation: bucket.generation + 1n }
}

function withoutUnbonding(bucket: ShareBucket): ShareBucket {
  const unbondingGeneration = bucket.unbondingGeneration + 1n
  return { ...bucket, unbonding: 0n, unbondingShares: 0n, unbondingGeneration }
}
