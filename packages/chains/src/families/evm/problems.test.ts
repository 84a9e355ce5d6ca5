import { expect, test } from 'bun:test'
import type { RpcParams, RpcRequest } from '@mooring/protocol/json-rpc/request'
import * as fc from 'fast-check'
import { scanRangeOf } from './blocks.ts'
import { evmMethods } from './methods.ts'
import { problemOf } from './problems.ts'

const hash = `0x${'ab'.repeat(32)}`
const scans = [
  'eth_getLogs',
  'erigon_getLogs',
  'erigon_getLatestLogs',
  'trace_filter',
  'arbtrace_filter',
]
const hashScans = scans.slice(0, 3)
const scan = (filter: unknown, method = 'eth_getLogs'): RpcRequest => ({
  id: 1,
  method,
  params: [filter],
})

test('the scans are the methods whose params hold a filter', () => {
  const found = Object.entries(evmMethods).filter(([, { block }]) => block.kind === 'filter')
  expect(found.map(([method]) => method).sort()).toEqual(scans.toSorted())
})

test.each([
  {},
  { address: hash, topics: [null, [hash]] },
  { fromBlock: null, toBlock: null, blockHash: null },
  { fromBlock: '0x0', toBlock: '0xFFffffffffffffff' },
  { fromBlock: '0x0000000000000010' },
  { fromBlock: '0x20', toBlock: '0x10' },
  ...['latest', 'pending', 'safe', 'finalized', 'earliest'].map((tag) => ({ toBlock: tag })),
])('%j is served by every scan', (filter) => {
  for (const method of scans) expect(problemOf(scan(filter, method)), method).toBeUndefined()
})

test('a block by its hash is served where nodes read it, and refused where they overlook it', () => {
  const filters = [{ blockHash: hash }, { blockHash: hash, fromBlock: null, toBlock: null }]
  for (const filter of filters) {
    for (const method of scans) {
      const isServed = problemOf(scan(filter, method)) === undefined
      expect(isServed, method).toBe(hashScans.includes(method))
    }
  }
})

const oddEnds = [
  `0x${'0'.repeat(80)}`,
  '0x00000000000000001',
  '0x0 ',
  '0x0\n',
  ' 0x0',
  '+0',
  '-0x1',
  '0',
  '16',
  '0x',
  '0X10',
  '0xg',
  '',
  'LATEST',
  'Latest',
  'latest ',
  'newest',
  hash,
  0,
  16,
  1e300,
  true,
  [],
  {},
]

test.each(oddEnds.map((end) => [end]))('%j is no end of a range', (end) => {
  for (const method of scans) {
    expect(problemOf(scan({ fromBlock: end }, method))).toStartWith('`fromBlock` must be')
    expect(problemOf(scan({ fromBlock: '0x1', toBlock: end }, method))).toStartWith(
      '`toBlock` must',
    )
  }
})

const oddHashes = [
  '',
  '0x',
  hash.slice(0, -1),
  `${hash}0`,
  hash.slice(2),
  `${hash} `,
  7,
  {},
  [hash],
]

test.each(oddHashes.map((odd) => [odd]))('%j is no hash of a block', (blockHash) => {
  expect(problemOf(scan({ blockHash }))).toStartWith('`blockHash` must be 32 bytes')
})

test('a block hash does not stand beside a range', () => {
  for (const beside of [{ fromBlock: '0x1' }, { toBlock: 'latest' }]) {
    expect(problemOf(scan({ blockHash: hash, ...beside }))).toContain('must not stand beside')
  }
})

test.each(['FromBlock', 'fromblock', 'TOBLOCK', 'BlockHash', 'fromBloc\u212a', 'blockHa\u017fh'])(
  'a member %s, which some nodes read and others do not, is refused',
  (name) => {
    expect(problemOf(scan({ fromBlock: '0x1', toBlock: '0x2', [name]: '0x0' }))).toContain(
      'must be written in exactly these letters',
    )
  },
)

const filterless: RpcParams[] = [
  [],
  [null],
  ['latest'],
  [[]],
  [[{ fromBlock: '0x0' }]],
  { filter: { fromBlock: '0x0' } },
  { fromBlock: '0x0' },
  { 0: { fromBlock: '0x0' } },
]

test.each(filterless.map((params) => [params]))('params %j hold no filter', (params) => {
  for (const method of scans) {
    expect(problemOf({ id: 1, method, params })).toStartWith('`params` must be an array')
  }
})

test('params of all other methods are left to the node', () => {
  const others = Object.keys(evmMethods).filter((method) => !scans.includes(method))
  for (const method of [...others, 'eth_notInventedYet', 'constructor', '']) {
    for (const params of [[], [{ fromBlock: 'x' }], { fromBlock: 7 }]) {
      expect(problemOf({ id: 1, method, params }), method).toBeUndefined()
    }
  }
})

const head = 1_000
const quantity = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const zeros = fc.nat(20).map((count) => '0'.repeat(count))
const written = fc.tuple(zeros, quantity).map(([more, n]) => `0x${more}${n.toString(16)}`)
const tag = fc.constantFrom('latest', 'pending', 'safe', 'finalized', 'earliest')
const odd = fc.oneof(fc.constantFrom(...oddEnds), fc.jsonValue(), fc.string())
const plain = fc.oneof(written, tag, fc.constant(null))
const end = fc.oneof({ weight: 4, arbitrary: plain }, odd)
const range = fc.record({ fromBlock: end, toBlock: end }, { requiredKeys: [] })
const filter = fc.oneof(
  { weight: 2, arbitrary: range },
  fc.record(
    {
      fromBlock: end,
      toBlock: end,
      blockHash: fc.oneof(fc.constantFrom(hash, null, '', '0x'), fc.jsonValue()),
      FromBlock: end,
    },
    { requiredKeys: [] },
  ),
)
const anyScan = fc.record({
  id: fc.constant(1),
  method: fc.constantFrom(...scans),
  params: fc.oneof(
    { weight: 4, arbitrary: fc.tuple(filter) },
    fc.array(fc.oneof(filter, fc.jsonValue()), { maxLength: 2 }),
    fc.dictionary(fc.string(), fc.jsonValue()),
  ) as fc.Arbitrary<RpcParams>,
})

/** What the number or tag means, worked out in another way than the code does. */
function meant(value: unknown, left: number): number {
  if (value === undefined || value === null) return left
  if (value === 'earliest') return 0
  if (typeof value !== 'string' || !value.startsWith('0x')) return head
  const number = BigInt(value)
  return number > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(number)
}

test('whatever passes is measured exactly: by its range, or not at all for a block hash', () => {
  let passed = 0
  fc.assert(
    fc.property(anyScan, (request) => {
      if (problemOf(request) !== undefined) return
      passed++
      // What passes is an array that begins with an object.
      const given = (request.params as [Record<string, unknown>])[0]
      const range = scanRangeOf(request, head)
      if (range === undefined) {
        expect(given.blockHash).toBe(hash)
        return
      }
      expect(given.blockHash ?? null).toBeNull()
      const from = meant(given.fromBlock, hashScans.slice(0, 2).includes(request.method) ? head : 0)
      const to = meant(given.toBlock, head)
      expect<unknown>(range).toEqual({ from: Math.min(from, to), to: Math.max(from, to) })
    }),
    { numRuns: 1_000 },
  )
  expect(passed).toBeGreaterThan(50)
})
