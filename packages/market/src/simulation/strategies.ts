import { byBoth, byOneAlone } from './strategies/inventing.ts'
import {
  belowNotice,
  hiding,
  lessWork,
  manyNames,
  namesAboveTheMost,
  outbidding,
  padding,
  starving,
} from './strategies/quality.ts'
import { whenFeesAreLate, withOldCredits } from './strategies/timing.ts'
import { atDiscount, forFree, ofTheCache, toItself, withDelegators } from './strategies/washing.ts'
import type { Strategy } from './strategy.ts'

/** Ways to be paid for less than honest work, each of which loses. */
export const losing: readonly Strategy[] = [
  ...[toItself, ofTheCache, withDelegators, atDiscount, forFree],
  ...[byOneAlone, lessWork, padding, belowNotice, manyNames, outbidding, starving],
]

/** Ways that the payout alone does not make lose. What else stands against them is written down with their figures. */
export const open: readonly Strategy[] = [
  ...[byBoth, withOldCredits, whenFeesAreLate],
  ...[hiding, namesAboveTheMost],
]
