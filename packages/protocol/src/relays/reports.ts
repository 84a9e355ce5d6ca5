import type { ReceiptText } from './receipts.ts'
import type { Hex } from './sessions.ts'

/**
 * What a gateway tells the billing service of nodes, with an operator's credential as `Authorization: Bearer …`:
 * `POST /v1/relays` takes a `RelayReport` and answers a `RelayReportAnswer`. All of it may be told again, and in any order.
 */
export type RelayReport = {
  /** Name of one life of the gateway: counts begin anew with each. */
  run: string
  work: WorkLine[]
  /** The last of each series that has grown. */
  receipts: SignedReceiptText[]
}

/** What a node did for a chain, as the gateway has counted since it began or the epoch did. */
export type WorkLine = {
  /** Of the settlement chain. Decimal strings, as ids are. */
  epoch: string
  /** `0` for upstreams that are no node of the registry, all together. */
  node: string
  chain: string
  /** Relays that were sent for callers with a key; of others nothing is counted. */
  asked: number
  answered: number
  /** By a fault of its own. */
  failed: number
  /** Of those answered, the ones that took longer than `lateMs`. */
  late: number
  /** Of charged requests that were answered by what it said. */
  credits: number
}

export type SignedReceiptText = {
  receipt: ReceiptText
  gatewaySignature: Hex
  nodeSignature: Hex
}

export type RelayReportAnswer = {
  /** Of epochs before this one nothing is taken any more. A decimal string. */
  openEpoch: string
  /** Which receipts of the report were not taken, by their place, and why. Telling them again does not help. */
  refused: { at: number; why: string }[]
}

/** An answer that took longer is late. */
export const lateMs = 2_000
/** Of one report. */
export const reportLimits = { work: 20_000, receipts: 500 } as const
