import type { Seconds, TokenAmount } from '@mooring/protocol/units'
import { most } from '../money/mul-div.ts'

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

/** When a root posted now becomes active: in the order of posting, also when the delay has become shorter. */
export function activeFrom(manager: EpochManager, earliest: Seconds): Seconds {
  return most(earliest, latestOf(manager)?.activeAt ?? 0n)
}

export function isActive({ activeAt }: PostedEpoch, now: Seconds): boolean {
  return now >= activeAt
}

export function latestActiveOf({ posted }: EpochManager, now: Seconds): PostedEpoch | undefined {
  return posted.findLast((roots) => isActive(roots, now))
}
