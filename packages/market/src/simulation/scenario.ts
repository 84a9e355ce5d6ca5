import type { Ppm, TokenAmount } from '@mooring/protocol/units'
import type { ParamValues } from '../economy/parameters/sheet.ts'
import type { Credits } from '../metering/holding.ts'
import type { QualityRule } from '../settlement/quality.ts'

/** A network of providers and consumers, as it is played. Parts are 0 to 1. */
export type Scenario = {
  values: ParamValues
  quality: QualityRule
  epochs: number
  seed: number
  providers: readonly SimProvider[]
  consumers: readonly SimConsumer[]
  /** Work that a gateway writes down, or a node has receipts of, though nobody asked for it. In each epoch. */
  invented: readonly InventedWork[]
  /** Epochs whose fees arrive only after they are closed, and are divided with those of the next. */
  late: readonly number[]
}

export type SimProvider = {
  providerId: bigint
  nodes: readonly SimNode[]
}

export type SimNode = {
  chains: readonly string[]
  /** What stands behind it, in times of the least stake. */
  stakeTimes: number
  failsPart: number
  latePart: number
  lagBlocks: number
  probeMs: number
  /** Of its capacity, what is taken by others. */
  busyPart: number
  /** What its machine costs in an epoch. */
  upkeep: TokenAmount
}

export type SimConsumer = {
  account: string
  deposit: TokenAmount
  /** When it deposited, times 1e18. */
  usdPerAnkr: bigint
  discountPpm: Ppm
  uses: readonly Use[]
}

/** What a consumer sends in an epoch. */
export type Use = {
  chain: string
  credits: Credits
  /** Of one request. */
  price: Credits
  /** What a gateway answers out of its cache. */
  cachedPart: number
  /** Of the rest, what reaches one provider whatever is selected: by a method, a region or a moment of its own. */
  own?: { providerId: bigint; part: number }
  /** In which epochs; left out: in all. */
  epochs?: readonly number[]
  /** By nobody's account. */
  isCommunity?: boolean
}

export type InventedWork = {
  providerId: bigint
  chain: string
  booked: Credits
  receipted: Credits
}
