import { describe, expect, test } from 'bun:test'
import type { RpcParams, RpcRequest } from '@mooring/protocol/json-rpc/request'
import * as fc from 'fast-check'
import { blockNeedOf, pinTo, resolveTags, scanRangeOf } from './blocks.ts'
import { evmMethods } from './methods.ts'

const hash = `0x${'ab'.repeat(32)}`
const address = `0x${'11'.repeat(20)}`
const request = (method: string, ...params: unknown[]): RpcRequest => ({ id: 1, method, params })
const head = 1_000

describe('the blocks a request needs', () => {
  const range = (from: number, to = from) => ({ kind: 'range', from, to })
  const cases: [string, RpcRequest, unknown][] = [
    ['a number', request('eth_getBalance', address, '0x10'), range(16)],
    ['zero', request('eth_getBalance', address, '0x0'), range(0)],
    ['a plain number, as Otterscan sends', request('ots_hasCode', address, 16), range(16)],
    ['latest', request('eth_call', {}, 'latest'), { kind: 'head' }],
    ['pending', request('eth_getTransactionCount', address, 'pending'), { kind: 'head' }],
    ['a block left out', request('eth_call', {}), { kind: 'head' }],
    ['a null block', request('eth_call', {}, null), { kind: 'head' }],
    ['safe', request('eth_call', {}, 'safe'), { kind: 'tag', tag: 'safe' }],
    ['finalized', request('eth_call', {}, 'finalized'), { kind: 'tag', tag: 'finalized' }],
    [
      'earliest, the first block',
      request('eth_call', {}, 'earliest'),
      { kind: 'range', from: 0, to: 0 },
    ],
    ['a tag no node knows', request('eth_call', {}, 'newest'), { kind: 'none' }],
    ['EIP-1898 number', request('eth_call', {}, { blockNumber: '0x10' }), range(16)],
    ['EIP-1898 hash', request('eth_call', {}, { blockHash: hash }), { kind: 'hash' }],
    ['an empty object', request('eth_call', {}, {}), { kind: 'none' }],
    ['a bare hash', request('eth_getBlockReceipts', hash), { kind: 'hash' }],
    ['a third param', request('eth_getStorageAt', address, '0x0', '0x10'), range(16)],
    ['the last of the fee history', request('eth_feeHistory', '0x4', '0x10', []), range(16)],
    ['a block hash', request('eth_getBlockByHash', hash, false), { kind: 'hash' }],
    ['a transaction hash', request('eth_getTransactionReceipt', hash), { kind: 'hash' }],
    ['a moving quantity', request('eth_gasPrice'), { kind: 'head' }],
    ['an unknown method', request('eth_future', '0x10'), { kind: 'none' }],
    [
      'logs of a range',
      request('eth_getLogs', { fromBlock: '0x10', toBlock: '0x20' }),
      range(16, 32),
    ],
    [
      'logs backwards',
      request('eth_getLogs', { fromBlock: '0x20', toBlock: '0x10' }),
      range(16, 32),
    ],
    ['logs up to the head', request('eth_getLogs', { fromBlock: '0x10' }), { kind: 'head' }],
    ['logs of the head', request('eth_getLogs', {}), { kind: 'head' }],
    ['logs of a hash', request('eth_getLogs', { blockHash: hash }), { kind: 'hash' }],
    [
      'logs up to finalized',
      request('eth_getLogs', { fromBlock: '0x10', toBlock: 'finalized' }),
      { kind: 'tag', tag: 'finalized' },
    ],
    ['no filter', request('eth_getLogs'), { kind: 'none' }],
    ['a filter that is a list', request('eth_getLogs', []), { kind: 'none' }],
    ['a filter with garbage', request('eth_getLogs', { fromBlock: {} }), { kind: 'none' }],
    ['params by name', { id: 1, method: 'eth_call', params: { block: '0x10' } }, { kind: 'none' }],
  ]
  test.each(cases)('%s', (_, given, need) => {
    expect<unknown>(blockNeedOf(given)).toEqual(need)
  })
})

describe('resolving latest', () => {
  const cases: [string, unknown[], unknown[]][] = [
    ['eth_getBlockByNumber', ['latest', true], ['0x3e8', true]],
    ['eth_getBlockReceipts', ['latest'], ['0x3e8']],
    ['eth_getBlockReceipts', [{ blockNumber: 'latest' }], [{ blockNumber: '0x3e8' }]],
    ['eth_getBlockTransactionCountByNumber', ['latest'], ['0x3e8']],
    ['eth_getTransactionByBlockNumberAndIndex', ['latest', '0x0'], ['0x3e8', '0x0']],
    ['eth_getUncleCountByBlockNumber', ['latest'], ['0x3e8']],
    [
      'eth_getLogs',
      [{ address, fromBlock: '0x1', toBlock: 'latest' }],
      [{ address, fromBlock: '0x1', toBlock: '0x3e8' }],
    ],
    ['eth_getLogs', [{ fromBlock: '0x1' }], [{ fromBlock: '0x1', toBlock: '0x3e8' }]],
    ['eth_getLogs', [{ address }], [{ address, fromBlock: '0x3e8', toBlock: '0x3e8' }]],
    ['eth_call', [{}, 'latest'], [{}, '0x3e8']],
    ['eth_call', [{}], [{}, '0x3e8']],
    ['eth_getBalance', [address, 'finalized'], [address, '0x384']],
    ['eth_getBlockByNumber', ['finalized', false], ['0x384', false]],
    ['eth_getLogs', [{ toBlock: 'finalized' }], [{ fromBlock: '0x3e8', toBlock: '0x384' }]],
    ['eth_feeHistory', ['0x4', 'latest', []], ['0x4', '0x3e8', []]],
  ]
  test.each(cases)('%s %j asks for the head by number', (method, params, resolved) => {
    const tags = { latest: head, finalized: 900 }
    expect(resolveTags(request(method, ...params), tags)).toEqual(request(method, ...resolved))
  })

  test.each([
    ['eth_getBlockByNumber', 'pending'],
    ['eth_getBlockByNumber', 'finalized'],
    ['eth_getBlockByNumber', '0x1'],
    ['eth_getBlockByNumber'],
    ['eth_getLogs', { blockHash: hash }],
    ['eth_getLogs', { fromBlock: '0x1', toBlock: '0x2' }],
    ['eth_getLogs', { fromBlock: '0x1', toBlock: 'pending' }],
    ['eth_getLogs', 'latest'],
    ['eth_estimateGas', {}, 'latest'],
    ['eth_getBalance', address, 'pending'],
    ['eth_getBalance', address, { blockHash: hash }],
    ['eth_getBalance', address],
    ['eth_call'],
    ['eth_sendRawTransaction', 'latest'],
    ['eth_future', 'latest'],
  ])('%s %j is the same request as before', (method, ...params) => {
    const given = request(method, ...params)
    expect(resolveTags(given, { latest: head })).toBe(given)
  })

  test('what the caller holds is left as it was', () => {
    const filter = { fromBlock: '0x1', toBlock: 'latest' }
    const given = request('eth_getLogs', filter)
    resolveTags(given, { latest: head })
    expect(given).toEqual(request('eth_getLogs', { fromBlock: '0x1', toBlock: 'latest' }))
  })
})

describe('pinning a request to a block', () => {
  const pinnable: [string, unknown[], unknown[]][] = [
    ['eth_getBalance', [address, '0x10'], [address, { blockHash: hash }]],
    ['eth_call', [{}, { blockNumber: '0x10' }, {}], [{}, { blockHash: hash }, {}]],
    ['eth_getStorageAt', [address, '0x0', '0x10'], [address, '0x0', { blockHash: hash }]],
    [
      'eth_getLogs',
      [{ address, fromBlock: '0x10', toBlock: '0x10' }],
      [{ address, blockHash: hash }],
    ],
  ]
  test.each(pinnable)('%s %j names it by its hash', (method, params, pinned) => {
    expect(pinTo(request(method, ...params), hash)?.params).toEqual(pinned)
  })

  test.each([
    ['eth_getBalance', address, 'latest'],
    ['eth_getBalance', address, { blockHash: hash }],
    ['eth_getBalance', address],
    ['eth_getBlockByNumber', '0x10', false],
    ['eth_getLogs', { fromBlock: '0x10', toBlock: '0x11' }],
    ['trace_filter', { fromBlock: '0x10', toBlock: '0x10' }],
    ['eth_estimateGas', {}, '0x10'],
    ['eth_sendRawTransaction', '0x10'],
  ])('%s %j cannot be', (method, ...params) => {
    expect(pinTo(request(method, ...params), hash)).toBeUndefined()
  })
})

describe('the range a search scans', () => {
  const cases: [string, string, unknown, unknown][] = [
    ['numbers', 'eth_getLogs', { fromBlock: '0x10', toBlock: '0x20' }, { from: 16, to: 32 }],
    ['up to the head by default', 'eth_getLogs', { fromBlock: '0x10' }, { from: 16, to: head }],
    ['only the head', 'eth_getLogs', {}, { from: head, to: head }],
    ['earliest', 'eth_getLogs', { fromBlock: 'earliest' }, { from: 0, to: head }],
    [
      'finalized as the head',
      'eth_getLogs',
      { fromBlock: '0x10', toBlock: 'finalized' },
      { from: 16, to: head },
    ],
    ['backwards', 'eth_getLogs', { fromBlock: '0x20', toBlock: '0x10' }, { from: 16, to: 32 }],
    [
      'traces, from the first block by default',
      'trace_filter',
      { toBlock: '0x10' },
      { from: 0, to: 16 },
    ],
    ['a block hash', 'eth_getLogs', { blockHash: hash }, undefined],
    ['garbage', 'eth_getLogs', { fromBlock: 'x' }, undefined],
    ['no search', 'eth_getBlockByNumber', 'latest', undefined],
  ]
  test.each(cases)('%s', (_, method, filter, range) => {
    expect<unknown>(scanRangeOf(request(method, filter), head)).toEqual(range)
  })

  test.each(['0x7fffffffffffffff', `0x${'f'.repeat(64)}`, '9'.repeat(30), 1e300])(
    'an end at %s is as wide as can be counted',
    (toBlock) => {
      const range = scanRangeOf(request('eth_getLogs', { fromBlock: '0x1', toBlock }), head)
      expect(range).toEqual({ from: 1, to: Number.MAX_SAFE_INTEGER })
    },
  )

  test.each(['0x00000010', '16', 16])(
    '%p, in a notation some nodes take, is measured',
    (fromBlock) => {
      const range = scanRangeOf(request('eth_getLogs', { fromBlock, toBlock: 'LATEST' }), head)
      expect(range).toEqual({ from: 16, to: head })
    },
  )
})

const tag = fc.constantFrom('latest', 'pending', 'safe', 'finalized', 'earliest', '', 'Latest')
const number = fc.nat().map((n) => `0x${n.toString(16)}`)
const ref = fc.oneof(tag, number, fc.jsonValue())
const filter = fc.record(
  { fromBlock: ref, toBlock: ref, blockHash: fc.jsonValue(), address: fc.constant(address) },
  { requiredKeys: [] },
)
const param = fc.oneof(ref, filter, fc.record({ blockNumber: ref }), fc.jsonValue())
const anyParams = fc.oneof(
  fc.array(param, { maxLength: 4 }),
  fc.dictionary(fc.string(), fc.jsonValue()),
) as fc.Arbitrary<RpcParams>
const method = fc.oneof(fc.constantFrom(...Object.keys(evmMethods)), fc.string())
const anyRequest = fc.record({ id: fc.constant(1), method, params: anyParams })

test('whatever the params, reading them never throws, and yields whole numbers in order', () => {
  fc.assert(
    fc.property(anyRequest, fc.nat(), (given, headBlock) => {
      const need = blockNeedOf(given)
      const ranges = [need.kind === 'range' ? need : undefined, scanRangeOf(given, headBlock)]
      for (const range of ranges) {
        if (range === undefined) continue
        expect(Number.isSafeInteger(range.from) && Number.isSafeInteger(range.to)).toBe(true)
        expect(range.from).toBeGreaterThanOrEqual(0)
        expect(range.to).toBeGreaterThanOrEqual(range.from)
      }
    }),
    { numRuns: 500 },
  )
})

test('resolving twice is resolving once, and widens no search', () => {
  fc.assert(
    fc.property(anyRequest, fc.nat(), fc.nat(), (given, headBlock, laterHead) => {
      const once = resolveTags(given, { latest: headBlock })
      expect(resolveTags(once, { latest: laterHead })).toBe(once)
      expect(scanRangeOf(once, headBlock)).toEqual(scanRangeOf(given, headBlock))
    }),
    { numRuns: 500 },
  )
})
