import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { sumOf } from '../money/mul-div.ts'
import { parameterSheet, valuesOf } from '../parameters/sheet.ts'
import { splitFee } from './fee-split.ts'

const values = valuesOf(parameterSheet)
const parts = fc
  .array(fc.bigInt({ min: 0n, max: 80_000n }), { minLength: 5, maxLength: 5 })
  .map(([treasury = 0n, grants = 0n, auditors = 0n, protection = 0n, burn = 0n]) => ({
    ...values,
    FeeTreasuryPpm: treasury,
    FeeGrantsPpm: grants,
    FeeAuditorsPpm: auditors,
    FeeProtectionPpm: protection,
    FeeBurnPpm: burn,
    FeeProvidersPpm: 1_000_000n - treasury - grants - auditors - protection - burn,
  }))

test('the parts of any fee are the fee, and providers never get less than their part', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n }), parts, (fee, terms) => {
      const { providers, burn, buckets } = splitFee(fee, terms)
      expect(providers + burn + sumOf(Object.values(buckets))).toBe(fee)
      expect(providers * 1_000_000n >= fee * terms.FeeProvidersPpm).toBe(true)
      expect(Object.values(buckets).every((part) => part >= 0n)).toBe(true)
    }),
  )
})

test('a fee of 1,000,000 falls apart as the sheet says', () => {
  expect(splitFee(1_000_000n, values)).toEqual({
    providers: 800_000n,
    burn: 50_000n,
    buckets: { Treasury: 80_000n, Grants: 20_000n, Auditors: 20_000n, Protection: 30_000n },
  })
})

test('what cannot be divided is the providers’', () => {
  expect(splitFee(1n, values)).toMatchObject({ providers: 1n, burn: 0n })
  expect(splitFee(19n, values)).toMatchObject({ providers: 18n, burn: 0n })
  expect(splitFee(20n, values)).toMatchObject({ providers: 18n, burn: 1n })
})
