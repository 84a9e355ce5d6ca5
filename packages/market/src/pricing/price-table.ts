/** How a call comes in. A subscription's notifications are priced apart, by the family. */
export const transports = ['http', 'websocket'] as const
export type Transport = (typeof transports)[number]

/** Methods of one price. */
export type PriceClass = { credits: number; methods: readonly string[] }
/** Classes by name; a method stands in one of them at the most. */
export type PriceClasses = Readonly<Record<string, PriceClass>>

export type FamilyPrices = {
  /** Of a method that no class names. */
  defaultCredits: number
  /** Of each message that a subscription sends. */
  notificationCredits: number
  classes: PriceClasses
}

/** A part of the published mix of requests: how many of a million are of this class. */
export type MixShare = {
  /** A family of the table, or `advanced`. */
  group: string
  class: string
  sharePpm: number
}

/**
 * What calls cost, in credits. Written as JSON, known by the hash of its canonical form; all numbers are whole.
 */
export type PriceTable = {
  /** Counts tables up, for people. The hash names one. */
  version: number
  /** The same in every table: what deposits buy is counted by it. */
  creditsPerUsd: number
  /** The weighted mean of the mix below, exactly. */
  meanCredits: number
  /** What a call costs more because of how it came in. */
  transports: Readonly<Record<Transport, { surchargeCredits: number }>>
  /** Of a family without a row. */
  default: { credits: number; notificationCredits: number }
  families: Readonly<Record<string, FamilyPrices>>
  /** Methods over many chains, all called `ankr_…`: the same on each. */
  advanced: { defaultCredits: number; classes: PriceClasses }
  mix: readonly MixShare[]
}

export const advancedGroup = 'advanced'
const advancedPrefix = 'ankr_'

export function isAdvanced(method: string): boolean {
  return method.startsWith(advancedPrefix)
}
