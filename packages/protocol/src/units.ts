/**
 * Amounts of the economy in base units. A plain bigint fits everywhere; an amount of one unit where
 * another is wanted does not compile.
 */
declare const unit: unique symbol

/** Base units of a token: 18 decimals for ANKR. */
export type TokenAmount = bigint & { readonly [unit]?: 'token' }

/** Ownership of a bucket of stake. */
export type SharesAmount = bigint & { readonly [unit]?: 'share' }

/** Parts per million, the unit of every rate on chain. */
export type Ppm = bigint & { readonly [unit]?: 'ppm' }

/** 1e-27 of a base unit, in which rewards are kept exactly. */
export type RayAmount = bigint & { readonly [unit]?: 'ray' }

/** A length of time or a moment since 1970, as the chain counts it. */
export type Seconds = bigint & { readonly [unit]?: 'second' }

export const ppmScale = 1_000_000n
export const rayScale = 10n ** 27n
/** One whole token of 18 decimals. */
export const tokenScale = 10n ** 18n
