import type { Seconds, TokenAmount } from '@mooring/protocol/units'

export type PayoutLeaf = { providerId: bigint; cumulative: TokenAmount }

export type EpochRoots = {
  epoch: bigint
  leaves: readonly PayoutLeaf[]
  /** Over all epochs up to this one. */
  payoutsTotal: TokenAmount
  withheldTotal: TokenAmount
}

export type PostedEpoch = EpochRoots & { activeAt: Seconds }

export type EpochManager = {
  /** Posted and not disabled, in order. */
  posted: readonly PostedEpoch[]
  /** Posts ever made. */
  attempt: bigint
  waitingMax: number
}

export function createEpochManager(waitingMax: number): EpochManager {
  return { posted: [], attempt: 0n, waitingMax }
}

export function latestOf({ posted }: EpochManager): PostedEpoch | undefined {
  return posted.at(-1)
}

export function isActive({ activeAt }: PostedEpoch, now: Seconds): boolean {
  return now >= activeAt
}

export function latestActiveOf({ posted }: EpochManager, now: Seconds): PostedEpoch | undefined {
  return posted.findLast((roots) => isActive(roots, now))
}
