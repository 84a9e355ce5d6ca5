import { expect, test } from 'bun:test'
import * as fc from 'fast-check'
import { classifyResult } from './classify.ts'
import { evmMethods } from './methods.ts'
import { isPending, parseHeader, readingOf, revealedBlockOf } from './results.ts'

const cases: [string, string, unknown, number | undefined][] = [
  ['a height', 'eth_blockNumber', '0x10', 16],
  ['a block', 'eth_getBlockByNumber', { number: '0x10' }, 16],
  ['a block by hash', 'eth_getBlockByHash', { number: '0x10' }, 16],
  ['a pending block', 'eth_getBlockByNumber', { number: null }, undefined],
  ['a receipt', 'eth_getTransactionReceipt', { blockNumber: '0x10' }, 16],
  ['a transaction', 'eth_getTransactionByHash', { blockNumber: '0x10' }, 16],
  ['a pending transaction', 'eth_getTransactionByHash', { blockNumber: null }, undefined],
  ['receipts', 'eth_getBlockReceipts', [{ blockNumber: '0x10' }, { blockNumber: '0x10' }], 16],
  ['logs, by the last', 'eth_getLogs', [{ blockNumber: '0x9' }, { blockNumber: '0x10' }], 16],
  ['no logs', 'eth_getLogs', [], undefined],
  ['null', 'eth_getBlockByNumber', null, undefined],
  ['a call', 'eth_call', '0x10', undefined],
  ['a number past any chain', 'eth_blockNumber', `0x${'f'.repeat(20)}`, undefined],
]

test.each(cases)('%s', (_, method, result, block) => {
  expect(revealedBlockOf(method, result)?.number).toBe(block)
})

const [hashA, hashB] = [`0x${'aa'.repeat(32)}`, `0x${'bb'.repeat(32)}`]

test('a block is told with its hash', () => {
  const log = (blockNumber: string, blockHash: unknown) => ({ blockNumber, blockHash })
  expect(revealedBlockOf('eth_getBlockByNumber', { number: '0x1', hash: hashA })).toEqual({
    number: 1,
    hash: hashA,
  })
  // Logs are in order, so the last one tells on which fork all of them are.
  const logs = [log('0x1', hashA), log('0x1', hashA), log('0x2', hashB)]
  expect(revealedBlockOf('eth_getLogs', logs)).toEqual({ number: 2, hash: hashB })
  expect(revealedBlockOf('eth_getLogs', [log('0x3', 7)])).toEqual({ number: 3, hash: undefined })
  expect(revealedBlockOf('eth_call', logs)).toBeUndefined()
})

test('a header has a number, a hash and a parent', () => {
  const header = { number: '0x10', hash: hashA.toUpperCase().replace('X', 'x'), parentHash: hashB }
  expect(parseHeader(header)).toEqual({ number: 16, hash: hashA, parentHash: hashB })
  for (const wrong of [null, {}, { ...header, hash: null }, { ...header, parentHash: '0x1' }]) {
    expect(parseHeader(wrong)).toBeUndefined()
  }
})

test('only a transaction that stands in no block is pending', () => {
  const byHash = 'eth_getTransactionByHash'
  expect(isPending(byHash, { hash: '0xaa', blockNumber: null })).toBe(true)
  expect(isPending('eth_getTransactionBySenderAndNonce', { blockNumber: null })).toBe(true)
  expect(isPending(byHash, { hash: '0xaa', blockNumber: '0x3' })).toBe(false)
  expect(isPending(byHash, null)).toBe(false)
  // Neither a count nor the raw bytes tell whether a block holds what they count or are.
  expect(isPending('eth_getTransactionCount', '0x5')).toBe(false)
  expect(isPending('eth_getRawTransactionByHash', '0x02')).toBe(false)
  expect(isPending('eth_getBlockByNumber', { number: null })).toBe(false)
})

test('any result of any method is read without throwing', () => {
  const method = fc.oneof(fc.constantFrom(...Object.keys(evmMethods)), fc.string())
  fc.assert(
    fc.property(method, fc.jsonValue(), (name, result) => {
      const number = revealedBlockOf(name, result)?.number
      expect(number === undefined || Number.isSafeInteger(number)).toBe(true)
      expect(parseHeader(result) === undefined || typeof result === 'object').toBe(true)
      expect(typeof isPending(name, result)).toBe('boolean')
    }),
    { numRuns: 300 },
  )
})

test('property: what is read of a result tells what the whole would', () => {
  /** What is left of a value where only so much of it is read. */
  const seenOf = (method: string, value: unknown) => {
    const reading = readingOf(method)
    if (reading === 'whole') return value
    const members = reading === 'kind' ? undefined : reading.members
    if (Array.isArray(value)) return members === undefined ? [] : value.slice(-1)
    if (typeof value !== 'object' || value === null) return value
    const held = (members ?? []).filter((name) => Object.hasOwn(value, name))
    return Object.fromEntries(held.map((name) => [name, Object(value)[name]]))
  }
  const names = fc.constantFrom(
    ...Object.keys(evmMethods),
    'eth_unheardOf',
    'debug_traceBlockByFoo',
  )
  const odd = fc.constantFrom(
    { currentBlock: '0x1', highestBlock: '0x2' },
    [{ error: 'execution timeout' }],
    { number: '0x5', blockNumber: '0x6' },
    [{ blockNumber: '0x7' }],
  )
  fc.assert(
    fc.property(names, fc.oneof(fc.jsonValue(), odd), (method, value) => {
      const seen = seenOf(method, value)
      expect(revealedBlockOf(method, seen)).toEqual(revealedBlockOf(method, value))
      expect(isPending(method, seen)).toBe(isPending(method, value))
      const isSuspect = classifyResult(method, seen) !== undefined
      expect(isSuspect).toBe(classifyResult(method, value) !== undefined)
    }),
    { numRuns: 1_000 },
  )
})
