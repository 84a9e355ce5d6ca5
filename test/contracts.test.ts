import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { runForge } from '@mooring/testkit/forge'

// Forge compiles and runs all Solidity tests at once; each of them is then a test here, so that it is counted and named.
const run = await runForge(resolve(import.meta.dir, '..'))

if (run.compiled) {
  const suites = Map.groupBy(run.tests, ({ suite }) => suite)
  for (const [suite, tests] of suites) {
    describe(suite, () => {
      for (const { name, passed, reason } of tests) {
        test(name, () => expect(passed ? 'passed' : reason).toBe('passed'))
      }
    })
  }
  test('there are Solidity tests of every kind', () => {
    const kinds = ['test_', 'testFuzz_', 'invariant_']
    for (const kind of kinds) expect(run.tests.some(({ name }) => name.startsWith(kind))).toBe(true)
  })
} else {
  test('the contracts compile', () => expect(run.output).toBe(''))
}
