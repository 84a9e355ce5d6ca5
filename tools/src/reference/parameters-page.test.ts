import { expect, test } from 'bun:test'
import { noLimit, parameterRows, ruleNames } from './parameter-table.ts'
import { wordsOf } from './parameters-page.ts'

const params = 'enum Param {\n    ASeconds,\n    BMin,\n    CPpm\n}'
const table = `
        if (param == Param.ASeconds) return Row(7 days, 1 hours, 14 days);
        if (param == Param.CPpm) return Row(50_000, 1, type(uint32).max);
        return Row(NO_LIMIT, 1e18, 10_000e18); // BMin
`

test('rows come in the order of the enum, with every way to write a value', () => {
  expect(parameterRows(params, table)).toEqual([
    { name: 'ASeconds', initial: 604_800n, min: 3_600n, max: 1_209_600n },
    { name: 'BMin', initial: noLimit, min: 10n ** 18n, max: 10n ** 22n },
    { name: 'CPpm', initial: 50_000n, min: 1n, max: 4_294_967_295n },
  ])
})

test('a parameter without a row is told by name', () => {
  expect(() => parameterRows('enum Param {\n    D\n}', table)).toThrow('D')
})

test('a value has the unit its name ends in', () => {
  expect(wordsOf('EpochSeconds', 604_800n)).toBe('7 days')
  expect(wordsOf('EpochSeconds', 86_400n)).toBe('24 h')
  expect(wordsOf('StaleSeconds', 60n)).toBe('1 min')
  expect(wordsOf('FeePpm', 25_000n)).toBe('2.5 %')
  expect(wordsOf('BondMin', 10n ** 22n)).toBe('10,000 ANKR')
  expect(wordsOf('CapTotal', noLimit)).toBe('no limit')
  expect(wordsOf('NodesMax', 64n)).toBe('64')
})

test('rules are found by what they say when they are broken', () => {
  const rules = 'revert X.ParamStoreRuleBroken("a b", 1, 2); _atLeast(\n "c", x, y);'
  expect(ruleNames(rules)).toEqual(['a b', 'c'])
})
