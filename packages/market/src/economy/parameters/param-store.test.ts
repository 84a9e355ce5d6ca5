import { describe, expect, test } from 'bun:test'
import { epochAt, epochStart } from './epoch-clock.ts'
import {
  announced,
  cancelled,
  createParamStore,
  type ParamChange,
  valuesAt,
} from './param-store.ts'
import { brokenRules } from './rules.ts'
import { type Param, parameterSheet, paramNames, valuesOf } from './sheet.ts'

const start = 1_000_000n
const store = createParamStore(parameterSheet, start)
const day = 86_400n

const change = (param: Param, value: bigint): ParamChange => ({ param, value })
const announce = (changes: ParamChange[], effectiveEpoch = 1n, from = store, now = start) =>
  announced(from, { changes, effectiveEpoch }, now)

describe('the parameters', () => {
  test('begin within their bounds and break no rule', () => {
    for (const name of paramNames) {
      const { min, value, max } = parameterSheet[name]
      expect(min <= value && value <= max).toBe(true)
    }
    expect(brokenRules(valuesOf(parameterSheet))).toEqual([])
  })

  test('change in the second their epoch begins', () => {
    const changed = announce([change('UnbondingRequestsMax', 5n)])
    const begins = epochStart(changed.clock, 1n)
    expect(valuesAt(changed, begins - 1n).UnbondingRequestsMax).toBe(32n)
    expect(valuesAt(changed, begins).UnbondingRequestsMax).toBe(5n)
  })

  test('a change that was taken back never comes', () => {
    const changed = announce([change('EpochSeconds', day)])
    const back = cancelled(changed, start + 1n)
    expect(valuesAt(back, start + 1_000n * day).EpochSeconds).toBe(7n * day)
    expect(back.clock).toEqual(store.clock)
  })

  test('what has taken effect cannot be taken back, and makes room for the next change', () => {
    const changed = announce([change('EpochSeconds', day)])
    const later = start + 7n * day
    expect(() => cancelled(changed, later)).toThrow('ParamStoreNothingWaiting')
    const again = announce([change('EpochSeconds', 2n * day)], 3n, changed, later)
    expect(epochAt(again.clock, later + 2n * day)).toBe(3n)
    expect(epochAt(again.clock, later + 4n * day)).toBe(4n)
    expect(valuesAt(again, later).EpochSeconds).toBe(day)
  })

  test.each<[string, ParamChange[], bigint]>([
    ['ParamStoreNothingToChange', [], 1n],
    ['ParamStoreEpochTooSoon', [change('UnbondingRequestsMax', 5n)], 0n],
    ['ParamStoreOutOfBounds', [change('CommissionMaxPpm', 300_001n)], 1n],
    [
      'ParamStoreDuplicate',
      [change('UnbondingRequestsMax', 5n), change('UnbondingRequestsMax', 6n)],
      1n,
    ],
    ['ParamStoreRuleBroken', [change('FeeBurnPpm', 50_001n)], 1n],
    ['ParamStoreRuleBroken', [change('UnbondingDelegatorSeconds', 21n * day - 1n)], 1n],
    ['ParamStoreRuleBroken', [change('UnbondingSelfSeconds', 22n * day - 1n)], 1n],
    ['ParamStoreRuleBroken', [change('CommissionMaxPpm', 49_999n)], 1n],
    ['ParamStoreRuleBroken', [change('WithdrawDelaySeconds', 36n * 3_600n - 1n)], 1n],
  ])('refuses with %s', (name, changes, epoch) => {
    expect(() => announce(changes, epoch)).toThrow(name)
  })

  test('lets a rule be met exactly', () => {
    announce([change('UnbondingDelegatorSeconds', 21n * day)])
    announce([change('UnbondingSelfSeconds', 22n * day)])
    announce([change('CommissionMaxPpm', 50_000n)])
    announce([change('CommissionMaxPpm', 0n)])
    announce([change('WithdrawDelaySeconds', 36n * 3_600n)])
    announce([change('FeeBurnPpm', 50_001n), change('FeeGrantsPpm', 19_999n)])
  })

  test('holds one set of changes at a time', () => {
    const changed = announce([change('UnbondingRequestsMax', 5n)])
    expect(() => announce([change('UnbondingRequestsMax', 6n)], 2n, changed)).toThrow(
      'ParamStoreChangesWaiting',
    )
  })
})
