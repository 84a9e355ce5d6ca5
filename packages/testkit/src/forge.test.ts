import { expect, test } from 'bun:test'
import { testsIn } from './forge.ts'

test('each Solidity test is told with its suite, whether it passed, and why not', () => {
  const results = {
    'a.t.sol:A': {
      test_results: {
        'test_Good()': { status: 'Success', reason: null },
        'test_Bad()': { status: 'Failure', reason: '1 != 2' },
      },
    },
  }
  expect(testsIn(`Compiling 3 files\n${JSON.stringify(results)}\n`)).toEqual([
    { suite: 'a.t.sol:A', name: 'test_Good()', passed: true, reason: 'Success' },
    { suite: 'a.t.sol:A', name: 'test_Bad()', passed: false, reason: '1 != 2' },
  ])
})

test('output without results is no run', () => {
  expect(testsIn('Error: Compiler run failed:\n')).toBeUndefined()
  expect(testsIn('{ not json')).toBeUndefined()
  expect(testsIn('')).toBeUndefined()
})
