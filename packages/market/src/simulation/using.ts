import type { TokenAmount } from '@mooring/protocol/units'
import { least, sumOf } from '../economy/money/mul-div.ts'
import type { ParamValues } from '../economy/parameters/sheet.ts'
import { apply, type Credits, charge, type Holding, lease } from '../metering/holding.ts'
import { roomOf } from '../metering/leasing.ts'
import type { Use } from './scenario.ts'

/** What a consumer used in an epoch, and what that was in tokens. */
export type Used = {
  holding: Holding
  uses: { use: Use; credits: Credits }[]
  credits: Credits
  tokens: TokenAmount
}

/** Lets a consumer use what it wants, in each charge period no more than the escrow could take; all of it is applied. */
export function useFor(holding: Holding, wants: readonly Use[], values: ParamValues): Used {
  const paid = wants.filter(({ isCommunity }) => !isCommunity)
  const wanted = sumOf(paid.map(({ credits }) => credits))
  const periods = values.EpochSeconds / values.ChargePeriodSeconds
  const cap = { min: values.PeriodCapMin, ppm: values.PeriodCapPpm }
  let [now, used, tokens]: [Holding, Credits, TokenAmount] = [holding, 0n, 0n]
  for (let period = 0n; period < periods; period++) {
    const due = ((period + 1n) * wanted) / periods - (period * wanted) / periods
    const credits = least(due, roomOf({ holding: now, cap, periodUsed: 0n }))
    const leased = lease(now, credits).holding
    const charged = charge(leased, { credits, isLeased: true }).holding
    const { accrued } = charged
    now = apply(charged, accrued).holding
    used += credits
    tokens += accrued
  }
  const uses = paid.map((use) => ({
    ...{ use, credits: wanted === 0n ? 0n : (use.credits * used) / wanted },
  }))
  const [first] = uses
  // What rounding left is the first one's, so that chains were charged what accounts paid.
  if (first !== undefined) first.credits += used - sumOf(uses.map(({ credits }) => credits))
  return { holding: now, uses, credits: used, tokens }
}
