import { expect, test } from 'bun:test'
import { counterexampleLines, outcomeOf, reportOf, sumsOf } from './outcome.ts'
import { planOf } from './plan.ts'

const good = {
  suite: 'A',
  name: 'invariant_A()',
  passed: true,
  reason: '',
  runs: 4,
  calls: 400,
  counterexample: undefined,
}

test('runs and calls of all tests are counted, and a test that fails is told with what broke it', () => {
  const sequence = [{ contract_name: 'a.sol:Hand', func_name: 'pay', args: '7' }]
  const bad = { ...good, passed: false, reason: '1 != 2', counterexample: { Sequence: sequence } }
  expect(outcomeOf([good, bad], 3)).toEqual({
    runs: 8,
    calls: 800,
    seconds: 3,
    findings: ['A invariant_A(): 1 != 2\n    Hand pay(7)'],
  })
})

test('a run in which nothing ran has proven nothing', () => {
  expect(outcomeOf([], 1).findings).toHaveLength(1)
})

test('what is not understood of a counterexample is told as it is', () => {
  expect(counterexampleLines({ Other: 1 })).toEqual(['{"Other":1}'])
})

const tests = [
  'contracts/test/unit/A/x.t.sol',
  'contracts/test/unit/A/y.t.sol',
  'contracts/test/unit/B.t.sol',
  'contracts/test/invariant/Economy.t.sol',
  'contracts/test/invariant/C.t.sol',
]

test('a plan makes at least the calls that are asked for, each slice with its own chance', () => {
  const economy = planOf({ seed: 3, calls: 120_000, fuzzRuns: 10 }, tests).filter(
    ({ part }) => part === 'economy',
  )
  const calls = economy.map(
    (slice) => Number(slice.env.FOUNDRY_INVARIANT_RUNS) * Number(slice.env.FOUNDRY_INVARIANT_DEPTH),
  )
  expect(calls.reduce((sum, some) => sum + some, 0)).toBeGreaterThanOrEqual(120_000)
  expect(new Set(economy.map(({ id }) => id)).size).toBe(economy.length)
})

test('every unit test is fuzzed in the slice of its folder', () => {
  const fuzz = planOf({ seed: 1, calls: 1, fuzzRuns: 10 }, tests).filter(
    ({ part }) => part === 'fuzz',
  )
  expect(fuzz.map((slice) => slice.tool === 'forge' && slice.tests)).toEqual([
    ['contracts/test/unit/A/x.t.sol', 'contracts/test/unit/A/y.t.sol'],
    ['contracts/test/unit/B.t.sol'],
  ])
})

test('the report says how much of each part is done', () => {
  const plan = planOf({ seed: 1, calls: 1, fuzzRuns: 10 }, tests)
  const done = { [plan[0]?.id ?? '']: { runs: 2, calls: 600, seconds: 4, findings: [] } }
  const model = sumsOf(plan, done)[0]
  expect(model).toMatchObject({ part: 'model', done: 1, of: 3, calls: 600 })
  expect(reportOf(sumsOf(plan, done))).toContain('1 of 3')
})
