import { ppmScale } from '@mooring/protocol/units'
import { sumOf } from '../money/mul-div.ts'
import type { ParamValues } from './sheet.ts'

type Rule = { name: string; holds: (values: ParamValues) => boolean }

/** What must hold between parameters, whatever each alone may be. */
export const parameterRules: readonly Rule[] = [
  {
    name: 'a fault can be seen, disputed and punished before a delegation leaves',
    holds: (values) => values.UnbondingDelegatorSeconds >= faultSeconds(values),
  },
  {
    name: 'the provider leaves last',
    holds: (values) => values.UnbondingSelfSeconds >= values.UnbondingDelegatorSeconds,
  },
  {
    // Without any commission there is nothing to rise to.
    name: 'a rise of commission fits under the most there may be',
    holds: (values) =>
      values.CommissionMaxPpm === 0n || values.CommissionMaxPpm >= values.CommissionRiseMaxPpm,
  },
  {
    name: 'charges of two periods can be applied before a deposit leaves',
    holds: (values) =>
      values.WithdrawDelaySeconds >= 2n * values.ChargePeriodSeconds + values.ChargeDelaySeconds,
  },
  {
    name: 'the parts of a fee are the fee',
    holds: (values) => sumOf(feeParts(values)) === ppmScale,
  },
  {
    // A provider that pays itself must lose, also when it pays at the discount.
    name: 'traffic with oneself loses',
    holds: (values) =>
      values.FeeProvidersPpm * (ppmScale + values.AnkrDiscountPpm) < ppmScale * ppmScale,
  },
  {
    name: 'a lot can be as large as it must be',
    holds: (values) => values.AuctionLotMin <= values.AuctionLotMax,
  },
  {
    name: 'one move of the rate fits into a day',
    holds: (values) => values.RateMoveMaxPpm <= values.RateDayMoveMaxPpm,
  },
]

export function brokenRules(values: ParamValues): string[] {
  return parameterRules.filter(({ holds }) => !holds(values)).map(({ name }) => name)
}

function faultSeconds(values: ParamValues): bigint {
  return (
    values.EpochSeconds +
    values.RootDelaySeconds +
    values.DisputeOpenSeconds +
    values.DisputeResolveSeconds
  )
}

function feeParts(values: ParamValues): bigint[] {
  return [
    values.FeeProvidersPpm,
    values.FeeTreasuryPpm,
    values.FeeGrantsPpm,
    values.FeeAuditorsPpm,
    values.FeeProtectionPpm,
    values.FeeBurnPpm,
  ]
}
