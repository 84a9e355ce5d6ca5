import type { TokenAmount } from '@mooring/protocol/units'
import { partDown } from '../money/mul-div.ts'
import type { ParamValues } from '../parameters/sheet.ts'

export const feeBuckets = ['Treasury', 'Grants', 'Auditors', 'Protection'] as const
export type FeeBucket = (typeof feeBuckets)[number]

export type FeeSplit = {
  providers: TokenAmount
  burn: TokenAmount
  buckets: Readonly<Record<FeeBucket, TokenAmount>>
}

/** Splits a fee so that the parts are the fee: each named part rounds down, providers take the rest. */
export function splitFee(fee: TokenAmount, values: ParamValues): FeeSplit {
  const buckets = {
    Treasury: partDown(fee, values.FeeTreasuryPpm),
    Grants: partDown(fee, values.FeeGrantsPpm),
    Auditors: partDown(fee, values.FeeAuditorsPpm),
    Protection: partDown(fee, values.FeeProtectionPpm),
  }
  const burn = partDown(fee, values.FeeBurnPpm)
  const others = buckets.Treasury + buckets.Grants + buckets.Auditors + buckets.Protection + burn
  return { providers: fee - others, burn, buckets }
}
