import type { Seconds, TokenAmount } from '@mooring/protocol/units'
import type { Credits } from '../metering/holding.ts'
import type { Hex } from './bytes.ts'
import type { Earned, Payout, ServedChain } from './payouts.ts'
import type { QualityRule, RelayCounts } from './quality.ts'
import type { SignedReceipt } from './receipts.ts'

/** All that an epoch's roots and payouts are computed from. Lists are in the order that is told of each, without repeats. */
export type EpochData = {
  version: 1
  deployment: EpochDeployment
  epoch: EpochSpan
  state: ChainState
  /** The epoch posted last; null before the first one. */
  previous: PreviousEpoch | null
  quality: QualityRule
  /** By epoch: the table of prices in force from then on. The first is of the first epoch that is closed. */
  tariffs: readonly Tariff[]
  /** By chain. */
  served: readonly ServedChain[]
  /** By asset and account. */
  charges: readonly AccountCharge[]
  /** Of what chains were charged, the part that nobody had the credits for. */
  uncollected: Credits
  /** Keys of gateways, ascending. */
  gateways: readonly Hex[]
  /** By node. */
  nodes: readonly EpochNode[]
  /** By node and chain. */
  performance: readonly NodePerformance[]
  /** By session, chain and epoch: the last receipt of each series. */
  receipts: readonly SignedReceipt[]
  /** By provider: what comes out. */
  payouts: readonly Payout[]
}

export type EpochDeployment = {
  chainId: number
  registry: Hex
  epochs: Hex
  distributor: Hex
  ankrEscrow: Hex
  stableEscrow: Hex
}

export type EpochSpan = {
  /** Closed together with those before it that were not posted; see `firstEpochOf`. */
  number: bigint
  /** When the first one that is closed began, and when the last one ended. */
  from: Seconds
  to: Seconds
}

/** What was read from the chain, in a block after the end of the epoch. */
export type ChainState = { block: bigint; hash: Hex; fundedTotal: TokenAmount }

export type PreviousEpoch = {
  number: bigint
  payoutsRoot: Hex
  payoutsTotal: TokenAmount
  withheldTotal: TokenAmount
  /** By provider: the leaves of its root. */
  payouts: readonly Earned[]
}

export type Tariff = { fromEpoch: bigint; hash: Hex }

export const assetNames = ['ankr', 'usd'] as const
export type AssetName = (typeof assetNames)[number]

/**
 * What an account was charged in one asset, of these epochs. What it was charged since its life began, which escrows are
 * told, is in the files of charge roots.
 */
export type AccountCharge = {
  account: Hex
  asset: AssetName
  credits: Credits
  /** In base units. */
  tokens: TokenAmount
}

export type EpochNode = {
  nodeId: bigint
  providerId: bigint
  /** Keys that it signs or signed with, ascending. */
  keys: readonly Hex[]
}

export type NodePerformance = RelayCounts & {
  nodeId: bigint
  chain: string
  /** Of its relays, by the books of the gateways. */
  credits: Credits
}

/** What verifiers sign of an epoch, and what the chain holds of it. */
export type EpochRoots = {
  epoch: bigint
  chargesRoot: Hex
  payoutsRoot: Hex
  performanceRoot: Hex
  receiptsRoot: Hex
  tariffHash: Hex
  /** keccak256 of the data's canonical JSON. */
  dataHash: Hex
  payoutsTotal: TokenAmount
  withheldTotal: TokenAmount
}

/** As published: the data, and the roots that are said to come out of it. */
export type EpochFile = { data: EpochData; roots: EpochRoots }

/** An epoch that was not posted is closed by the next one. */
export function firstEpochOf({ previous }: Pick<EpochData, 'previous'>): bigint {
  return previous === null ? 0n : previous.number + 1n
}

/** What the epoch after a file that was posted begins with. */
export function asPrevious({ data, roots }: EpochFile): PreviousEpoch {
  const { payoutsRoot, payoutsTotal, withheldTotal } = roots
  const payouts = data.payouts.map(({ providerId, cumulative }) => ({ providerId, cumulative }))
  return { number: data.epoch.number, payoutsRoot, payoutsTotal, withheldTotal, payouts }
}
