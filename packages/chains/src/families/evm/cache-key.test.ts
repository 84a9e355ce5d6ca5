import { describe, expect, test } from 'bun:test'
import type { RpcParams, RpcRequest } from '@mooring/protocol/json-rpc/request'
import * as fc from 'fast-check'
import { blockNeedOf } from './blocks.ts'
import { cacheKeyOf, logSearchOf } from './cache-key.ts'
import { evmMethods } from './methods.ts'

const lower = '0xabcdefabcdefabcdefabcdefabcdefabcdefabcd'
const upper = '0xABCDEFabcdefABCDEFabcdefABCDEFabcdefABCD'
const hash = `0x${'5a'.repeat(32)}`
const topic = `0x${'11'.repeat(32)}`
const other = `0x${'22'.repeat(32)}`

function request(method: string, ...params: unknown[]): RpcRequest {
  return { id: 1, method, params }
}

describe('requests that mean the same have one text', () => {
  const cases: [string, string, unknown[], unknown[]][] = [
    ['an address in either case', 'eth_getBalance', [upper, '0x10'], [lower, '0x10']],
    ['a block with leading zeros', 'eth_getBalance', [lower, '0x010'], [lower, '0x10']],
    ['a block as an object', 'eth_getBalance', [lower, { blockNumber: '0x10' }], [lower, '0x10']],
    ['a hash as an object', 'eth_getBalance', [lower, { blockHash: hash }], [lower, hash]],
    ['the first block by its tag', 'eth_getBalance', [lower, 'earliest'], [lower, '0x0']],
    [
      'a slot with leading zeros',
      'eth_getStorageAt',
      [lower, `0x${'0'.repeat(63)}1`, '0x10'],
      [lower, '0x1', '0x10'],
    ],
    [
      'members in any order, null or left out',
      'eth_call',
      [{ to: upper, data: '0xAB', value: '0x00', from: null }, '0x10'],
      [{ value: '0x0', data: '0xab', to: lower }, '0x10'],
    ],
    [
      'overrides of an address in either case',
      'eth_call',
      [{ to: lower }, '0x10', { [upper]: { code: '0xAA' } }],
      [{ to: lower }, '0x10', { [lower]: { code: '0xaa' } }],
    ],
    [
      'params that end with null',
      'eth_call',
      [{ to: lower }, '0x10', null],
      [{ to: lower }, '0x10'],
    ],
    [
      'a filter for one address',
      'eth_getLogs',
      [{ address: [upper], topics: [topic, null, []], fromBlock: '0x1', toBlock: '0x02' }],
      [{ address: lower, topics: [[topic], [], null], fromBlock: '0x01', toBlock: '0x2' }],
    ],
    [
      'alternatives in any order',
      'eth_getLogs',
      [{ topics: [[topic, other, topic]], fromBlock: '0x1', toBlock: '0x2' }],
      [{ topics: [[other, topic]], fromBlock: '0x1', toBlock: '0x2' }],
    ],
  ]
  test.each(cases)('%s', (_, method, one, same) => {
    const key = cacheKeyOf(request(method, ...one))
    expect(key).toBeString()
    expect(cacheKeyOf(request(method, ...same))).toBe(key)
  })
})

describe('requests that may mean different things have texts of their own', () => {
  const cases: [string, string, unknown[], unknown[]][] = [
    ['another block', 'eth_getBalance', [lower, '0x10'], [lower, '0x11']],
    ['another method', 'eth_getBalance', [lower, '0x10'], ['x', '0x10']],
    ['data of another length', 'eth_call', [{ data: '0x00' }, '0x1'], [{ data: '0x0000' }, '0x1']],
    ['with and without transactions', 'eth_getBlockByNumber', ['0x1', true], ['0x1', false]],
    ['a number and a text', 'eth_feeHistory', [4, '0x1', []], ['4', '0x1', []]],
    [
      'any address, and none',
      'eth_getLogs',
      [{ fromBlock: '0x1', toBlock: '0x2' }],
      [{ fromBlock: '0x1', toBlock: '0x2', address: lower }],
    ],
    [
      'a topic in another place',
      'eth_getLogs',
      [{ fromBlock: '0x1', toBlock: '0x2', topics: [topic] }],
      [{ fromBlock: '0x1', toBlock: '0x2', topics: [null, topic] }],
    ],
    [
      'a topic that matches anything, and one place less',
      'eth_getLogs',
      [{ fromBlock: '0x1', toBlock: '0x2', topics: [topic, null] }],
      [{ fromBlock: '0x1', toBlock: '0x2', topics: [topic] }],
    ],
    [
      'overrides',
      'eth_call',
      [{ to: lower }, '0x10'],
      [{ to: lower }, '0x10', { [lower]: { balance: '0x1' } }],
    ],
  ]
  test.each(cases)('%s', (_, method, one, another) => {
    expect(cacheKeyOf(request(method, ...one))).not.toBe(cacheKeyOf(request(method, ...another)))
  })
})

describe('a request whose answer nobody may keep has no text', () => {
  const cases: [string, unknown[]][] = [
    ['eth_getBalance', [lower, 'latest']],
    ['eth_getBalance', [lower, 'pending']],
    ['eth_getBalance', [lower, 'safe']],
    ['eth_getBalance', [lower, { blockHash: hash, requireCanonical: true }]],
    ['eth_getBalance', [lower, {}]],
    ['eth_callMany', [[], { blockNumber: '0x10', transactionIndex: 7 }]],
    ['debug_traceCallMany', [[], { blockNumber: '0x10', transactionIndex: 7 }]],
    ['eth_getBlockByNumber', ['pending', false]],
    ['eth_getLogs', [{ fromBlock: '0x1', toBlock: 'latest' }]],
    ['eth_getLogs', ['0x1']],
  ]
  test.each(cases)('%s %j', (method, params) => {
    expect(cacheKeyOf(request(method, ...params))).toBeUndefined()
  })

  test('params by name', () => {
    expect(cacheKeyOf({ id: 1, method: 'eth_call', params: { to: lower } })).toBeUndefined()
  })
})

const ref = fc.oneof(
  fc.nat(40).map((number) => `0x${number.toString(16)}`),
  fc.constantFrom('latest', 'pending', 'finalized', 'earliest', hash, { blockHash: hash }),
  fc.jsonValue(),
)
const anyParams = fc.array(
  fc.oneof(ref, fc.record({ fromBlock: ref, toBlock: ref, topics: fc.jsonValue() })),
  { maxLength: 4 },
) as fc.Arbitrary<RpcParams>
const method = fc.oneof(fc.constantFrom(...Object.keys(evmMethods)), fc.string())

test('whatever the params, a text is made without throwing, and the same for the same blocks only', () => {
  fc.assert(
    fc.property(method, anyParams, anyParams, (name, one, another) => {
      const [first, second] = [one, another].map((params) => ({ id: 1, method: name, params }))
      if (first === undefined || second === undefined) return
      const key = cacheKeyOf(first)
      if (key === undefined || cacheKeyOf(second) !== key) return
      expect(blockNeedOf(second)).toEqual(blockNeedOf(first))
    }),
    { numRuns: 2_000 },
  )
})

test('a search over other blocks is the same search', () => {
  const search = logSearchOf(
    request('eth_getLogs', { address: upper, fromBlock: '0x5', toBlock: '0x1f' }),
  )
  expect(search).toMatchObject({ from: 5, to: 31 })
  const part = logSearchOf(search?.over(8, 9) ?? request(''))
  expect(part).toMatchObject({ from: 8, to: 9, key: search?.key ?? '' })
  expect(search?.over(8, 9).params).toEqual([{ address: upper, fromBlock: '0x8', toBlock: '0x9' }])
})

test.each([
  [{ blockHash: hash }],
  [{ fromBlock: '0x9', toBlock: '0x1' }],
  [{ fromBlock: '0x9', toBlock: 'latest' }],
  [{}],
  ['0x1'],
])('%j is no search that can be split', (filter) => {
  expect(logSearchOf(request('eth_getLogs', filter))).toBeUndefined()
})
