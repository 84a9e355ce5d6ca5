import { describe, expect, test } from 'bun:test'
import { resolve } from 'node:path'
import { readTrackedFiles } from '@mooring/tools/source/tracked-files'
import { contractsOf, functionsToTest } from '@mooring/tools/trees/functions'
import { treeFaults } from '@mooring/tools/trees/trees'

const root = resolve(import.meta.dir, '..')

test('every function of every contract has a tree, and every leaf of it a test', async () => {
  expect(treeFaults(await readTrackedFiles(root))).toEqual([])
})

/** A contract with one function and one base, its trees and their tests; each case changes one file. */
const sound: Record<string, string> = {
  'contracts/src/till/Till.sol':
    'contract Till is ITill, Counted(1) {\n  function pay(uint256 a) external nonReentrant {}\n}\n',
  'contracts/src/till/ITill.sol': 'interface ITill {\n  function forgotten() external;\n}\n',
  'contracts/src/till/Sums.sol': 'library Sums {\n  function add() external {}\n}\n',
  'contracts/src/till/Counted.sol':
    'abstract contract Counted {\n  function count() public virtual returns (uint256) {}\n}\n',
  'contracts/test/unit/Till/Till.pay.tree': `Till.pay
├── when nothing is paid
│   └── it should revert. (test_RevertWhen_NothingIsPaid)
├── given it was paid, it should keep it. (test_Keeps)
└── it should sum. (testFuzz_Sums)
`,
  'contracts/test/unit/Till/pay.t.sol': `contract Pay_Till_Test {
    function test_RevertWhen_NothingIsPaid() external {}
    function test_Keeps() external {}
    function testFuzz_Sums(uint256 a) external {}
}
`,
  'contracts/test/unit/Till/Till.count.tree': 'Till.count\n└── it should count. (test_Counts)\n',
  'contracts/test/unit/Till/count.t.sol':
    'contract C {\n    function test_Counts() external {}\n}\n',
}

test('sound trees have no faults', () => {
  expect(faultsWith({})).toEqual([])
})

describe('a planted fault is found:', () => {
  const pay = 'contracts/test/unit/Till/Till.pay.tree'
  const cases: { what: string; add: Record<string, string>; says: string }[] = [
    {
      what: 'a leaf without a test',
      add: { [pay]: 'Till.pay\n└── it should pay.\n' },
      says: `${pay} names no test for "it should pay.".`,
    },
    {
      what: 'a leaf whose test is elsewhere',
      add: {
        [pay]: 'Till.pay\n└── it should pay. (test_Pays)\n',
        'contracts/test/unit/Other/a.t.sol': 'function test_Pays() {}',
      },
      says: `${pay} names test_Pays, which is not in its folder.`,
    },
    {
      what: 'a test that only a comment speaks of',
      add: {
        [pay]: 'Till.pay\n└── it should pay. (test_Pays)\n',
        'contracts/test/unit/Till/a.t.sol': '// function test_Pays() {}',
      },
      says: `${pay} names test_Pays, which is not in its folder.`,
    },
    {
      what: 'a branch that ends without a leaf',
      add: { [pay]: 'Till.pay\n├── when paid\n└── it should sum. (testFuzz_Sums)\n' },
      says: `${pay} ends at "when paid", which says nothing of what it should.`,
    },
    {
      what: 'a leaf that goes on',
      add: {
        [pay]:
          'Till.pay\n└── it should pay. (test_Keeps)\n    └── it should sum. (testFuzz_Sums)\n',
      },
      says: `${pay} goes on below "it should pay. (test_Keeps)".`,
    },
    {
      what: 'a line that is no branch',
      add: { [pay]: 'Till.pay\nit should pay. (test_Keeps)\n' },
      says: `${pay} has "it should pay. (test_Keeps)", which is no branch.`,
    },
    {
      what: 'another title',
      add: { [pay]: 'Till.paid\n└── it should pay. (test_Keeps)\n' },
      says: `${pay} begins with "Till.paid", not with "Till.pay".`,
    },
    {
      what: 'an empty tree',
      add: { [pay]: 'Till.pay\n' },
      says: `${pay} has no leaf.`,
    },
    {
      what: 'a tree in the folder of another contract',
      add: {
        'contracts/test/unit/Till/Door.open.tree': 'Door.open\n└── it should open. (test_Keeps)\n',
      },
      says: 'contracts/test/unit/Till/Door.open.tree stands in another folder.',
    },
    {
      what: 'a function without a tree',
      add: {
        'contracts/src/till/Till.sol':
          'contract Till is Counted {\n  function pay() external {}\n  function refund(\n    uint256 a\n  )\n    external\n    payable\n  {}\n}',
      },
      says: 'contracts/test/unit/Till/Till.refund.tree is missing.',
    },
    {
      what: 'a function of a base without a tree',
      add: {
        'contracts/src/till/Counted.sol':
          'abstract contract Counted {\n  function count() public {}\n  function reset() external {}\n}',
      },
      says: 'contracts/test/unit/Till/Till.reset.tree is missing.',
    },
  ]
  test.each(cases)('$what', ({ add, says }) => {
    expect(faultsWith(add)).toEqual([says])
  })
})

test('a function counts when anyone may call it and it may change state', () => {
  const source = `
    // function inAComment() external {}
    /* function inAnother() external {} */
    contract A is B.Base, C {
      function seen(uint256 a) external view returns (uint256) {}
      function pure_() public pure {}
      function own() internal {}
      function hidden() private {}
      function changes(function(uint256) external f) external override(B, C) returns (uint256) {}
      function open() public {}
      receive() external payable {}
      constructor() {}
    }
    contract Second { function other() external {} }`
  expect(contractsOf(source)).toEqual([
    {
      name: 'A',
      isAbstract: false,
      bases: ['Base', 'C'],
      functions: ['changes', 'open', 'receive'],
    },
    { name: 'Second', isAbstract: false, bases: [], functions: ['other'] },
  ])
})

test('the functions of bases count for every contract over them, and once', () => {
  const contracts = contractsOf(`
    abstract contract A { function a() external virtual; }
    abstract contract B is A { function b() external {} }
    contract C is B, Elsewhere { function a() external override {} }
    contract D is A { function d() external {} }`)
  expect([...functionsToTest(contracts)]).toEqual([
    ['C', ['a', 'b']],
    ['D', ['a', 'd']],
  ])
})

function faultsWith(add: Record<string, string>): string[] {
  return treeFaults(Object.entries({ ...sound, ...add }).map(([path, text]) => ({ path, text })))
}
