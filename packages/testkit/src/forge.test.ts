import { expect, test } from 'bun:test'
import { testsIn } from './forge.ts'

test('each Solidity test is told with its suite, whether it passed, and why not', () => {
  const results = {
    'a.t.sol:A': {
      test_results: {
        'test_Good()': { status: 'Success', reason: null },
        'test_Bad()': { status: 'Failure', reason: '1 != 2' },
        'testFuzz_Bad(uint256)': {
          status: 'Failure',
          reason: 'too much',
          counterexample: { Single: { args: '7' } },
          kind: { Fuzz: { runs: 12 } },
        },
        'invariant_Good()': {
          status: 'Success',
          reason: null,
          counterexample: null,
          kind: { Invariant: { runs: 4, calls: 400 } },
        },
      },
    },
  }
  const plain = { suite: 'a.t.sol:A', runs: 1, calls: 0, counterexample: undefined }
  expect(testsIn(`Compiling 3 files\n${JSON.stringify(results)}\n`)).toEqual([
    { ...plain, name: 'test_Good()', passed: true, reason: 'Success' },
    { ...plain, name: 'test_Bad()', passed: false, reason: '1 != 2' },
    {
      ...plain,
      name: 'testFuzz_Bad(uint256)',
      passed: false,
      reason: 'too much',
      runs: 12,
      counterexample: { Single: { args: '7' } },
    },
    {
      ...plain,
      name: 'invariant_Good()',
      passed: true,
      reason: 'Success',
      runs: 4,
      calls: 400,
    },
  ])
})

test('output without results is no run', () => {
  expect(testsIn('Error: Compiler run failed:\n')).toBeUndefined()
  expect(testsIn('{ not json')).toBeUndefined()
  expect(testsIn('')).toBeUndefined()
})
