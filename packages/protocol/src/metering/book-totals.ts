/** `GET /v1/books/totals` of a billing service: what its books hold for all accounts together. */
export type BookTotals = {
  /** A final block: all that the escrows did up to it is known, and nothing later. A decimal string, and its hash. */
  block: { number: string; hash: `0x${string}` }
  ankr: AssetTotals
  usd: AssetTotals
}

/** Sums over all accounts, as decimal strings of base units. */
export type AssetTotals = {
  /** Not used. */
  tokens: string
  /** Used, and not taken out of the escrow yet. */
  accrued: string
  /** What the escrow moved beyond all that was credited. */
  missing: string
  /** Of deposits, what is not credited. */
  uncredited: string
  /** Credited of deposits in blocks after this one. */
  early: string
  /** What the escrow took or paid out, and is not booked yet. */
  unbooked: string
}
