import { expect, test } from 'bun:test'
import { testsFor } from './scope.ts'
import { contractsBuiltWith } from './solidity-import.ts'

const sources = new Map([
  ['contracts/src/a/Bank.sol', 'import { Sum } from "./Sum.sol";\ncontract Bank is Sum {}'],
  ['contracts/src/a/Shop.sol', 'import { Bank } from "./Bank.sol";\ncontract Shop {}'],
  ['contracts/src/a/Sum.sol', 'abstract contract Sum {}'],
  ['contracts/test/System.sol', 'import { Bank } from "../src/a/Bank.sol";'],
  ['contracts/test/unit/Bank/pay.t.sol', ''],
  ['contracts/test/unit/Shop/buy.t.sol', ''],
  ['contracts/test/unit/Sum.t.sol', ''],
  ['contracts/test/integration/All.t.sol', 'import { System } from "../System.sol";'],
])

test('a contract is built with what it inherits, and not with what it calls', () => {
  expect(contractsBuiltWith('contracts/src/a/Sum.sol', sources)).toEqual([
    'contracts/src/a/Bank.sol',
  ])
  expect(contractsBuiltWith('contracts/src/a/Bank.sol', sources)).toEqual([
    'contracts/src/a/Bank.sol',
  ])
})

test('asked are the tests of the file, of the contracts it is in, and what deploys them', () => {
  expect(testsFor('contracts/src/a/Sum.sol', ['contracts/src/a/Bank.sol'], sources)).toEqual([
    'contracts/test/integration/All.t.sol',
    'contracts/test/unit/Bank/pay.t.sol',
    'contracts/test/unit/Sum.t.sol',
  ])
})
