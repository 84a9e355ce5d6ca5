import { describe, expect, test } from 'bun:test'
import { failures } from '@mooring/protocol/failures'
import fc from 'fast-check'
import type { ErrorClass, FailedReply } from '../../family.ts'
import { classifyReply, classifyResult } from './classify.ts'
import { rpc } from './error-fixture.ts'
import { decidingSignal } from './error-match.ts'
import {
  codeSignals,
  faultSignals,
  httpLastSignals,
  httpSignals,
  statusSignals,
  textSignals,
} from './error-signals.ts'
import { errorFixtures } from './errors.fixtures.ts'
import { type ErrorClassName, errorClasses } from './errors.ts'
import { evmMethods, policyOf } from './methods.ts'

// Object.keys forgets what the table's type knows.
const classNames = Object.keys(errorClasses) as ErrorClassName[]
const factsOf = (name: ErrorClassName): ErrorClass => errorClasses[name]
const fixtures = Object.values(errorFixtures).flat()
const rows = Object.keys(evmMethods).map((method) => ({ method, row: policyOf(method) }))

function classOf(code: number, message: string, more: Parameters<typeof rpc>[3] = {}): string {
  const { reply, method } = rpc('test', code, message, more)
  return classifyReply(reply, { method }).class
}

const anyText = fc.oneof(fc.string({ maxLength: 80 }), fc.string({ unit: 'grapheme' }))
const anyCode = fc.oneof(fc.integer(), fc.integer({ min: -32800, max: -31900 }), fc.constant(3))
const anyStatus = fc.oneof(fc.integer({ min: 100, max: 599 }), fc.constant(200))
const anyMethod = fc.constantFrom(
  'eth_call',
  'eth_getLogs',
  'eth_sendRawTransaction',
  'debug_x',
  '',
)
const anyReply: fc.Arbitrary<FailedReply> = fc.oneof(
  fc.record({
    kind: fc.constant('error' as const),
    status: anyStatus,
    code: anyCode,
    message: anyText,
    dataJson: fc.option(fc.json(), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('http' as const), status: anyStatus, text: anyText }),
)

describe('recorded answers', () => {
  for (const name of classNames) {
    test(`${name}: every recorded answer gets this class`, () => {
      const recorded = errorFixtures[name]
      const got = recorded.map(({ from, method, reply }) => {
        return [from, reply, classifyReply(reply, { method }).class]
      })
      expect(recorded.length).toBeGreaterThan(0)
      expect(got).toEqual(recorded.map(({ from, reply }) => [from, reply, name]))
    })
  }

  test('every row of the signal tables decides a recorded answer', () => {
    const deciding = new Set(fixtures.map(({ reply, method }) => decidingSignal(reply, method)))
    const rows = [
      ...faultSignals,
      ...httpSignals,
      ...statusSignals,
      ...httpLastSignals,
      ...codeSignals,
      ...textSignals,
    ]
    expect(rows.filter((row) => !deciding.has(row))).toEqual([])
  })

  test('phrases are in lower case, and none is so short that ordinary text contains it', () => {
    for (const { phrases = [], codes, statuses } of textSignals) {
      for (const phrase of phrases) {
        expect(phrase).toBe(phrase.toLowerCase())
        const bound = /^\^|\$$/.test(phrase) || codes || statuses
        if (!bound) expect(phrase.length).toBeGreaterThanOrEqual(5)
      }
    }
  })

  test('upper and lower case make no difference', () => {
    for (const { reply, method } of fixtures) {
      if (reply.kind !== 'error') continue
      const shouted = { ...reply, message: reply.message.toUpperCase() }
      expect(classifyReply(shouted, { method })).toBe(classifyReply(reply, { method }))
    }
  })
})

describe('codes that collide', () => {
  test.each([
    [-32005, 'query returned more than 10000 results', 'RANGE_TOO_LARGE'],
    [-32005, 'daily request count exceeded, request rate limited', 'BILLING'],
    [-32005, 'project ID request rate exceeded', 'RATE_LIMIT'],
    [-32005, 'something new', 'UNKNOWN'],
    [-32001, 'Nonce too low', 'NONCE_TOO_LOW'],
    [-32001, 'resource not found', 'MISSING_BLOCK'],
    [-32003, 'nonce too low', 'NONCE_TOO_LOW'],
    [-32003, 'already known', 'ALREADY_KNOWN'],
    [-32003, 'response too large', 'RANGE_TOO_LARGE'],
    [-32015, 'VM execution error.', 'REVERT'],
    [-32015, 'gateway timeout', 'EXECUTION_TIMEOUT'],
    [-32602, 'query exceeds range', 'RANGE_TOO_LARGE'],
    [-32602, 'Invalid params', 'INVALID_PARAMS_GENERIC'],
    [-32600, 'Must be authenticated!', 'UNAUTHORISED'],
    [-32601, 'Parse error', 'UPSTREAM_PARSE_ERROR'],
    [-32601, 'no such thing', 'METHOD_UNSUPPORTED'],
    [-32601, 'see: method not found', 'METHOD_UNSUPPORTED'],
    [-32600, 'eth_call: the containing module is disabled', 'METHOD_UNSUPPORTED'],
    [-32000, 'method not found', 'METHOD_UNSUPPORTED'],
    [-32000, 'see: method not found', 'UNKNOWN'],
    [-32602, 'unknown variant `method not found`, expected `latest`', 'INVALID_PARAMS_SPECIFIC'],
    [-32602, 'bad params: unknown variant `method not found`', 'INVALID_PARAMS_GENERIC'],
    [-32005, 'too many requests', 'RATE_LIMIT'],
    [-32000, 'too many requests', 'UNKNOWN'],
  ] as const)('%i "%s" is %s', (code, message, expected) => {
    expect(classOf(code, message)).toBe(expected)
  })

  test('-32004 is missing funds for a send and a missing method otherwise', () => {
    expect(classOf(-32004, 'x', { method: 'eth_sendRawTransaction' })).toBe('FUNDS')
    expect(classOf(-32004, 'x', { method: 'eth_call' })).toBe('METHOD_UNSUPPORTED')
  })

  test('missing funds are final for a call and asked elsewhere for a trace', () => {
    const words = 'insufficient funds for gas * price + value'
    expect(errorClasses.FUNDS.elsewhere).toBe('ifBehind')
    expect(classOf(-32000, words)).toBe('FUNDS')
    expect(classOf(-32000, words, { method: 'trace_call' })).toBe('FUNDS_IN_TRACE')
    expect(errorClasses.FUNDS_IN_TRACE.elsewhere).toBe('always')
  })

  test('the words of a JSON-RPC error win over the HTTP status, which wins over unknown words', () => {
    expect(classOf(-32000, 'header not found', { status: 429 })).toBe('MISSING_BLOCK')
    expect(classOf(-32000, 'hm', { status: 429 })).toBe('RATE_LIMIT')
    expect(classOf(-32000, 'hm', { status: 500 })).toBe('UNKNOWN')
    expect(classOf(-32000, 'hm', { status: 502 })).toBe('BAD_GATEWAY')
  })

  test('an unknown transaction is not an already known one', () => {
    expect(classOf(-32000, 'unknown transaction')).toBe('MISSING_BLOCK')
  })

  test('the words may stand in the data', () => {
    const dataJson = '{"message":"header not found"}'
    expect(classOf(-32603, 'Internal error', { dataJson })).toBe('MISSING_BLOCK')
  })
})

describe('any reply', () => {
  test('gets a class of the table, and never an exception', () => {
    fc.assert(
      fc.property(anyReply, anyMethod, (reply, method) => {
        const { class: name, facts, known } = classifyReply(reply, { method })
        expect(Object.hasOwn(errorClasses, name)).toBe(true)
        expect(known).toBe(name !== 'UNKNOWN')
        // Just proven to be a key of the table.
        expect(facts).toBe(errorClasses[name as ErrorClassName])
      }),
      { numRuns: 400 },
    )
  })

  test('with words no row knows is UNKNOWN, and that is safe', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('q', 'z', 'ж', '7', ' ') }), (message) => {
        const { reply, method } = rpc('test', -32000, message)
        expect(classifyReply(reply, { method })).toEqual({
          class: 'UNKNOWN',
          facts: errorClasses.UNKNOWN,
          known: false,
        })
      }),
      { numRuns: 100 },
    )
    expect(errorClasses.UNKNOWN).toMatchObject({
      elsewhere: 'always',
      score: 'minor',
      learn: 'nothing',
      cache: 'never',
      native: true,
    })
    expect(failures[errorClasses.UNKNOWN.failure].charged).toBe(false)
  })

  test('that is very long is judged by its beginning', () => {
    const tail = ' '.repeat(5_000)
    expect(classOf(-32000, `header not found${tail}${'x'.repeat(100_000)}`)).toBe('MISSING_BLOCK')
    expect(classOf(-32000, `${'z'.repeat(3_000)} header not found`)).toBe('UNKNOWN')
  })

  test('a revert stays a revert, whatever reason the contract wrote', () => {
    const temptations = fixtures.flatMap(({ reply }) =>
      reply.kind === 'error' ? [reply.message] : [],
    )
    const anyReason = fc.oneof(anyText, fc.constantFrom(...temptations))
    fc.assert(
      fc.property(anyReason, anyMethod, (reason, method) => {
        const message = `execution reverted: ${reason}`
        expect(classOf(3, message, { method })).toBe('REVERT')
        expect(classOf(-32000, message, { method })).toBe('REVERT')
        expect(classOf(3, reason, { method, dataJson: '"0x08c379a0"' })).toBe('REVERT')
      }),
      { numRuns: 300 },
    )
  })

  test('what a caller wrote in his params takes no node out of selection', () => {
    for (const { reply, method } of fixtures) {
      if (reply.kind !== 'error') continue
      for (const code of [-32700, -32602, -32601]) {
        const message = `cannot read "${reply.message}"`
        const { facts } = classifyReply({ ...reply, status: 200, code, message }, { method })
        expect(['refused', 'throttled']).not.toContain(facts.learn)
        expect(facts.score).not.toBe('major')
        if (code !== -32601) expect(facts.learn).not.toBe('methodUnsupported')
      }
    }
  })

  const running = rows.filter(({ row }) => row.runsCode).map(({ method }) => method)
  const methods = fc.constantFrom(...running, 'eth_notInventedYet', 'trace_notInventedYet')
  const temptations = fixtures.flatMap(({ reply }) => {
    return reply.kind === 'error' ? [reply.message] : reply.kind === 'http' ? [reply.text] : []
  })
  const words = fc
    .tuple(fc.constantFrom('', 'Error: ', '"'), fc.constantFrom(...temptations), anyText)
    .map(([before, temptation, after]) => `${before}${temptation}${after}`)

  test('what code of the caller said stops no node, wherever in the error it stands', () => {
    const codes = fc.constantFrom(-32000, -32603, -32015, -32003, 3, 1)
    const statuses = fc.constantFrom(200, 400, 500)
    fc.assert(
      fc.property(methods, words, codes, statuses, (method, said, code, status) => {
        const error = { kind: 'error', status, code } as const
        const replies = [
          { ...error, message: said, dataJson: undefined },
          { ...error, message: 'Internal error', dataJson: JSON.stringify(said) },
        ]
        for (const reply of replies) {
          const { facts } = classifyReply(reply, { method })
          expect(['refused', 'throttled']).not.toContain(facts.learn)
          expect(facts.score).not.toBe('major')
        }
      }),
      { numRuns: 1_000 },
    )
  })

  test('what a tracer threw teaches nothing, however long it is', () => {
    fc.assert(
      fc.property(words, fc.constantFrom(0, 3_000), (said, padding) => {
        const message = `${said}${'x'.repeat(padding)}    in server-side tracer function 'step'`
        const { reply } = rpc('geth', -32000, message)
        const { facts } = classifyReply(reply, { method: 'debug_traceCall' })
        expect(facts.learn).toBe('nothing')
        expect(facts.score).not.toBe('major')
      }),
      { numRuns: 500 },
    )
  })

  test('a front that refuses with its own status or number is believed for any method', () => {
    const more = { method: 'debug_traceCall' }
    for (const [status, expected] of [
      [429, 'RATE_LIMIT'],
      [402, 'BILLING'],
      [401, 'UNAUTHORISED'],
    ] as const) {
      expect(classOf(-32000, 'no', { ...more, status })).toBe(expected)
    }
    expect(classOf(-32000, 'invalid api key', { ...more, status: 403 })).toBe('UNAUTHORISED')
    expect(classOf(-32000, 'invalid api key', more)).toBe('UNKNOWN')
    expect(classOf(-32007, '50/second request limit reached', more)).toBe('RATE_LIMIT')
    expect(classOf(-32051, 'API key disabled', more)).toBe('UNAUTHORISED')
  })
})

test('a timeout counts only when another node answers, as the caller decides how long an answer takes', () => {
  const heavy = ['eth_getNothingYet', 'trace_notInventedYet', 'foreign_method', '']
  for (const method of [...rows.map((row) => row.method), ...heavy]) {
    const replies: FailedReply[] = [
      { kind: 'transport', fault: 'timeout' },
      { kind: 'http', status: 504, text: '' },
      rpc('geth', -32002, 'request timed out').reply,
    ]
    const isQuick = policyOf(method).deadline === 'quick'
    for (const reply of replies) {
      const { class: name, facts } = classifyReply(reply, { method })
      expect([method, name]).toEqual([method, isQuick ? 'TIMEOUT' : 'EXECUTION_TIMEOUT'])
      expect(facts.score).toBe('minor')
    }
  }
})

describe('the facts', () => {
  test('what no other node can help with never counts against the node, and keeps its words', () => {
    for (const name of classNames) {
      const facts = factsOf(name)
      if (facts.elsewhere !== 'never') continue
      expect([name, facts.score === 'success' || facts.score === 'neutral']).toEqual([name, true])
      expect([name, facts.native]).toEqual([name, true])
    }
  })

  test('only what the node really answered, or made for nothing as it is too long, is charged', () => {
    const charged = classNames.filter((name) => failures[factsOf(name).failure].charged)
    expect(charged.sort()).toEqual([
      'ALREADY_KNOWN',
      'EVM_HALT',
      'EVM_HALT_ON_SEND',
      'FUNDS',
      'GAS_OR_SIZE_INVALID',
      'HIGHER_PRIORITY',
      'METHOD_UNSUPPORTED',
      'MISSING_BLOCK',
      'NONCE_TOO_HIGH',
      'NONCE_TOO_LOW',
      'OVERSIZED_ANSWER',
      'REVERT',
      'SENDER_NOT_ALLOWED',
      'TRANSACTION_REFUSED',
      'UNDERPRICED',
      'UNSUPPORTED_TRANSACTION_TYPE',
    ])
  })

  test('what harms a node is not charged, and only an answer is cached', () => {
    for (const name of classNames) {
      const { score, failure, cache } = factsOf(name)
      if (score === 'major' || score === 'minor') {
        expect([name, failures[failure].charged]).toEqual([name, false])
      }
      if (cache === 'likeResult') expect([name, score]).toEqual([name, 'success'])
    }
  })
})

describe('results that are errors in disguise', () => {
  const word = (value: number) => value.toString(16).padStart(64, '0')
  const revert = `0x08c379a0${word(32)}${word(4)}${'4e6f7065'.padEnd(64, '0')}`

  test('a whole encoded Error(string) is a revert, for calls only', () => {
    expect(classifyResult('eth_call', revert)?.class).toBe('REVERT')
    expect(classifyResult('eth_estimateGas', revert)?.class).toBe('REVERT')
    expect(classifyResult('eth_getCode', revert)).toBeUndefined()
  })

  test('data that only begins like one is data', () => {
    const data = [
      '0x08c379a0',
      `${revert}00`,
      revert.slice(0, -2),
      `0x08c379a0${word(64)}${word(4)}${'4e6f7065'.padEnd(64, '0')}`,
      `0x08c379a0${word(32)}${word(2)}${'4e6f7065'.padEnd(64, '0')}`,
      `0x08c379a0${word(32)}${'f'.repeat(64)}`,
    ]
    for (const result of data) expect(classifyResult('eth_call', result)).toBeUndefined()
  })

  test('a syncing object in place of a number means the node is catching up', () => {
    const progress = { startingBlock: '0x0', currentBlock: '0x5', highestBlock: '0x9' }
    expect(classifyResult('eth_blockNumber', progress)?.class).toBe('SYNCING')
    expect(classifyResult('eth_syncing', progress)).toBeUndefined()
  })

  test.each([
    ['eth_blockNumber', 12],
    ['eth_blockNumber', 'twelve'],
    ['eth_blockNumber', '0x'],
    ['eth_getLogs', {}],
    ['eth_getLogs', '0x'],
    ['eth_getBlockByNumber', []],
    ['eth_getTransactionReceipt', '0x1'],
    ['eth_call', 'ok'],
    ['eth_call', undefined],
  ] as const)('%s answering %p is malformed', (method, result) => {
    expect(classifyResult(method, result)?.class).toBe('MALFORMED_ANSWER')
  })

  test('a trace that gave up inside a list of traces is a timeout', () => {
    const traces = [{ result: {} }, { txHash: '0x5a', error: 'execution timeout' }]
    expect(classifyResult('debug_traceBlockByNumber', traces)?.class).toBe('EXECUTION_TIMEOUT')
    expect(classifyResult('debug_traceBlockByNumber', [{ result: {} }])).toBeUndefined()
  })

  test('null is never an error, nor is anything a method we do not know answers', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), (method, result) => {
        expect(classifyResult(method, null)).toBeUndefined()
        expect(classifyResult(`eth_new_${method}`, result)).toBeUndefined()
      }),
      { numRuns: 100 },
    )
    expect(classifyResult('eth_getBlockByNumber', null)).toBeUndefined()
  })

  test('honest results pass', () => {
    expect(classifyResult('eth_blockNumber', '0x10')).toBeUndefined()
    expect(classifyResult('eth_getBalance', '0x0')).toBeUndefined()
    expect(classifyResult('eth_call', '0x')).toBeUndefined()
    expect(classifyResult('eth_getLogs', [])).toBeUndefined()
    expect(classifyResult('eth_getBlockByNumber', { number: '0x1' })).toBeUndefined()
  })
})
