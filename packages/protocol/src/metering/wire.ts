/**
 * What a gateway and the billing service say to each other, over the billing service's listener for gateways, with an
 * operator's credential as `Authorization: Bearer …`:
 * `POST /v1/meter/begin` takes a `BeginRequest` and answers a `BeginAnswer`;
 * `POST /v1/meter/post` takes a `PostRequest` and answers a `PostAnswer`, or 409 with a `PostRefusal`.
 *
 * A gateway that runs is an *epoch* of its instance. It writes what was used into *frames*, numbered from 1 in each
 * epoch, and posts them in order. (epoch, from, to) is all that makes a post count once: what was posted already is
 * passed over, and a gap is refused. What may be used before it is posted is *leased*: taken out of what an account has
 * left, and held for the epoch.
 *
 * Credits are plain numbers here: a lease has at most `leaseCreditsMax`.
 */

/** Whom a lease is for: an account, or one key of it that has a limit of its own. */
export type Purse = {
  /** As CAIP-10. */
  account: string
  /** Id of the key; `''` for all that have no limit of their own. */
  key: string
}

/** A name that no two gateways share, such as that of the machine. */
export type BeginRequest = { instance: string }

/** The tables of prices that the chain names, by hash: what a gateway charges by is theirs, or it charges nothing. */
export type PriceTerms = {
  hash: string
  /** The one that takes its place, and when: in milliseconds from now. */
  next: { hash: string; inMs: number } | null
}

export type BeginAnswer = {
  epoch: number
  prices: PriceTerms
  /** For so long after a post, counted from when it was sent, the leases of the epoch hold. */
  leaseMs: number
  /** How often to post, at least, while there is something to tell. */
  postMs: number
}

/** Requests that are alike, of one hour. */
export type UsageLine = {
  /** As CAIP-10; null for those without an account, which are counted and never charged. */
  account: string | null
  /** Id of a project's key; `''` for the account's own access key and tokens. */
  key: string
  /** Whether the key has a limit of its own, so that what it used comes from its own lease. */
  ownPurse: boolean
  chain: string
  method: string
  /** `ok`, or the code of the failure that was answered. */
  status: string
  /** Hours since 1970, by the gateway's clock. */
  hour: number
  requests: number
  /** What they are charged, together. */
  credits: number
}

/** What a gateway has of one lease, and wants. */
export type LeaseClaim = Purse & {
  /** What it holds once all frames of this post are charged; the rest of what was leased is given back. */
  holds: number
  /** More that it would like to hold; 0 for none. */
  wants: number
  /** Of `wants`, what the dearest request that waits for it costs; less than that is of no use. 0 where none waits. */
  needs: number
}

export type PostRequest = {
  instance: string
  epoch: number
  /** Rises with each try: leases are not taken from one that comes late, after a newer one. Frames are. */
  number: number
  /** The frames in `usage` are `from` to `to`; none where `to` is `from` − 1. */
  from: number
  to: number
  usage: UsageLine[]
  /** Leases that have changed or are to grow; those not named stay as they are. */
  leases: LeaseClaim[]
  /** No more frames of this epoch will come: what is leased to it is free. */
  closes: boolean
}

export type LeaseGrant = Purse & {
  /** Added to what the claim said is held. */
  granted: number
  /** What the account, or the key for today, has left beside all leases. A decimal string. */
  left: string
  /** Why less than wanted was granted, if nothing was. */
  reason: LeaseReason | null
  /** When it may be asked for with more hope, in milliseconds from now; null where only a deposit helps. */
  retryAfterMs: number | null
}

export type LeaseReason =
  /** Nothing is left. */
  | 'exhausted'
  /** Nothing was there yet: a deposit that was just attested is credited within seconds. */
  | 'uncredited'
  /** The account has used what a charge period may take from it. */
  | 'period-cap'
  /** The key has used its limit of the day. */
  | 'key-cap'
  /** Its owner or the operator stopped it. */
  | 'frozen'
  /** All that is left is leased to gateways, or asked out. */
  | 'reserved'

export type PostAnswer = {
  /** Frames up to this one are in the books and need not be kept. */
  last: number
  grants: LeaseGrant[]
  /** Purses of which all that is not needed should be given back. */
  recalls: Purse[]
  prices: PriceTerms
  state: EpochState
}

export type EpochState =
  | 'live'
  /** It was silent for too long, or has said that it ends: what there is may be posted, and another one begun. */
  | 'closed'
  /** Another process has begun under this instance's name: what there is may be posted, and no other one begun. */
  | 'fenced'

export type PostRefusal = {
  /** `gap`: frames after `last` are missing. `unknown`: there is no such epoch. `malformed`: `detail` says what. */
  error: 'gap' | 'unknown' | 'malformed'
  last: number
  detail: string
}

export const leaseCreditsMax = 2 ** 50
export const usageLinesMax = 20_000
/** So many are answered well within the time that a gateway waits. */
export const leaseClaimsMax = 2_000
