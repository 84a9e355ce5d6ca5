import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type ParseResult, ResponseParser } from './response-parser.ts'

const bodyBytesMax = 2_000

type Verdict = { state: string; status?: number; body?: string; detail?: string; fault?: string }

function parse(
  pieces: readonly (string | Uint8Array)[],
  atEnd: 'open' | 'ended' = 'open',
): Verdict {
  const parser = new ResponseParser(bodyBytesMax)
  for (const piece of pieces) {
    parser.push(typeof piece === 'string' ? Buffer.from(piece, 'latin1') : Buffer.from(piece))
  }
  return verdictOf(atEnd === 'ended' ? parser.end() : parser.push(Buffer.alloc(0)))
}

function verdictOf(result: ParseResult): Verdict {
  if (result.state !== 'whole') return result
  const { head, body } = result.response
  return { state: 'whole', status: head.status, body: body.bytes().toString('latin1') }
}

function keptAlive(text: string): boolean | undefined {
  const parser = new ResponseParser(bodyBytesMax)
  const result = parser.push(Buffer.from(text))
  return result.state === 'whole' ? result.response.head.keepAlive && !parser.leftover : undefined
}

/** Cuts bytes at the given places, in whatever order they come. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  const edges = [0, ...sorted, bytes.length]
  return edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge))
}

describe('a well-formed response', () => {
  const wholes: [string, string, { status: number; body: string }][] = [
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', { status: 200, body: 'ok' }],
    ['no reason', 'HTTP/1.1 503\r\ncontent-length: 1\r\n\r\nx', { status: 503, body: 'x' }],
    ['a length of zero', 'HTTP/1.1 200 OK\r\ncontent-length:0\r\n\r\n', { status: 200, body: '' }],
    [
      'the same length twice',
      'HTTP/1.1 200 OK\r\ncontent-length: 2\r\nCONTENT-LENGTH:  2 \r\n\r\nok',
      { status: 200, body: 'ok' },
    ],
    [
      'chunks with extensions and trailers',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n2;a="b"\r\nok\r\n00A \r\n0123456789\r\n0\r\nx: y\r\nz: \r\n\r\n',
      { status: 200, body: 'ok0123456789' },
    ],
    [
      'interim heads before it',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1',
      { status: 200, body: '1' },
    ],
    ['a status without a body', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
    [
      'a status whose length is that of another answer',
      'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n',
      { status: 304, body: '' },
    ],
  ]
  test.each(wholes)('with %s is whole as soon as its last byte came', (_name, text, expected) => {
    expect(parse([text])).toEqual({ state: 'whole', ...expected })
    expect(parse([text.slice(0, -1)])).toEqual({ state: 'partial' })
  })

  test('without a length ends where the connection does', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nall of it'
    expect(parse([text])).toEqual({ state: 'partial' })
    expect(parse([text], 'ended')).toEqual({ state: 'whole', status: 200, body: 'all of it' })
  })

  test('that is cut off stays partial when the connection ends', () => {
    const cuts = [
      '',
      'HTTP/1.1 200',
      'HTTP/1.1 200 OK\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nshort',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n',
    ]
    for (const text of cuts) expect(parse([text], 'ended')).toEqual({ state: 'partial' })
  })
})

describe('a response that readers could understand differently is malformed:', () => {
  const head = 'HTTP/1.1 200 OK\r\n'
  const chunked = `${head}transfer-encoding: chunked\r\n\r\n`
  const flaws: [string, string][] = [
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['another protocol, by its first byte', '{'],
    ['HTTP/2', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['a status of two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a status of four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a switch of protocols', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
    ['too many interim heads', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(9)],
    ['two lengths', `${head}content-length: 2\r\ncontent-length: 3\r\n\r\nok!`],
    ['a list of two lengths', `${head}content-length: 2, 3\r\n\r\nok!`],
    ['a signed length', `${head}content-length: +2\r\n\r\nok`],
    ['a negative length', `${head}content-length: -2\r\n\r\nok`],
    ['a hexadecimal length', `${head}content-length: 0x2\r\n\r\nok`],
    ['an empty length', `${head}content-length:\r\n\r\nok`],
    ['a length behind a no-break space', `${head}content-length: \xa02\r\n\r\nok`],
    ['equal lengths, one by a no-break space', `${head}content-length: 2, 2\xa0\r\n\r\nok`],
    ['a coding behind a no-break space', `${head}transfer-encoding: \xa0chunked\r\n\r\n0\r\n\r\n`],
    ['a coding behind a vertical tab', `${head}transfer-encoding: \vchunked\r\n\r\n0\r\n\r\n`],
    ['a length past exact numbers', `${head}content-length: 99999999999999999999\r\n\r\n`],
    ['a length beside chunks', `${head}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n`],
    ['another transfer encoding', `${head}transfer-encoding: gzip, chunked\r\n\r\n`],
    ['two transfer encodings', `${head}transfer-encoding: chunked\r\ntransfer-encoding: x\r\n\r\n`],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['an encoding not asked for', `${head}content-encoding: br\r\ncontent-length: 2\r\n\r\nok`],
    ['a space before the colon', `${head}content-length : 2\r\n\r\nok`],
    ['a folded line', `${head}a: b\r\n c: d\r\n\r\n`],
    ['a line without a colon', `${head}nonsense\r\n\r\n`],
    ['an empty name', `${head}: x\r\n\r\n`],
    ['a bare line feed', `${head}a: b\ncontent-length: 2\r\n\r\nok`],
    ['a bare carriage return', `${head}a: b\rc: d\r\n\r\n`],
    ['a NUL', `${head}a: \0\r\n\r\n`],
    ['a head without an end', `${head}a: ${'x'.repeat(40_000)}`],
    ['a line without a colon after many', `${head}${'a:\r\n'.repeat(8_000)}a\r\n\r\n`],
    ['a long head', `${head}a: ${'x'.repeat(40_000)}\r\ncontent-length: 2\r\n\r\nok`],
    ['a chunk size that is no number', `${chunked}xyz\r\n`],
    ['a word behind a chunk size', `${chunked}2 x\r\nok\r\n`],
    ['a word behind the last chunk size', `${chunked}0 garbage\r\n\r\n`],
    ['an empty chunk size', `${chunked}\r\n`],
    ['a prefixed chunk size', `${chunked}0x2\r\nok\r\n`],
    ['a chunk size ended by a line feed', `${chunked}2\nok\r\n`],
    ['a line feed in an extension', `${chunked}2;a\nok\r\n`],
    ['an endless extension', `${chunked}2;${'x'.repeat(9_000)}`],
    ['a chunk longer than its size', `${chunked}2\r\nokay\r\n`],
    ['endless trailers', `${chunked}0\r\n${'a: b\r\n'.repeat(2_000)}`],
    ['a trailer ended by a line feed', `${chunked}0\r\na: b\n\r\n`],
  ]
  test.each(flaws)('%s', (_name, text) => {
    expect(parse([text])).toMatchObject({ state: 'broken', fault: 'malformed' })
    expect(parse([...text])).toEqual(parse([text]))
  })
})

describe('an answer over the limit is oversized', () => {
  const over = bodyBytesMax + 1
  const answers: [string, string][] = [
    ['by its length, before its body', `HTTP/1.1 200 OK\r\ncontent-length: ${over}\r\n\r\n`],
    [
      'by the size of a chunk, before its data',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffffffffff',
    ],
    [
      'by the sum of its chunks',
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${`64\r\n${'x'.repeat(100)}\r\n`.repeat(21)}`,
    ],
    ['by what came', `HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(over)}`],
  ]
  test.each(answers)('%s', (_name, text) => {
    expect(parse([text])).toMatchObject({ state: 'broken', fault: 'oversized' })
  })

  test('and at the limit it is not', () => {
    const text = `HTTP/1.1 200 OK\r\ncontent-length: ${bodyBytesMax}\r\n\r\n${'x'.repeat(bodyBytesMax)}`
    expect(parse([text]).state).toBe('whole')
  })
})

test('the connection is kept only when both sides would agree to', () => {
  const answer = (line: string, headers: string) =>
    `HTTP/1.${line}\r\ncontent-length: 0\r\n${headers}\r\n`
  expect(keptAlive(answer('1 200 OK', ''))).toBe(true)
  expect(keptAlive(answer('1 200 OK', 'Connection: Keep-Alive\r\n'))).toBe(true)
  expect(keptAlive(answer('1 200 OK', 'CONNECTION: x, Close\r\n'))).toBe(false)
  expect(keptAlive(answer('1 200 OK', 'connection: keep-alive\r\nconnection: close\r\n'))).toBe(
    false,
  )
  expect(keptAlive(answer('0 200 OK', ''))).toBe(false)
  expect(keptAlive(answer('0 200 OK', 'connection: keep-alive\r\n'))).toBe(true)
  expect(keptAlive(`${answer('1 200 OK', '')}H`)).toBe(false)
  expect(keptAlive('HTTP/1.1 204 No Content\r\n\r\nbody all the same')).toBe(false)
})

test('a head of many lines is read, up to the limit', () => {
  const lines = 'a:\r\n'.repeat(8_000)
  expect(parse([`HTTP/1.1 200 OK\r\n${lines}content-length: 2\r\n\r\nok`]).body).toBe('ok')
})

test('bytes after the answer are noticed whenever they come', () => {
  const parser = new ResponseParser(bodyBytesMax)
  parser.push(Buffer.from('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'))
  expect(parser.leftover).toBe(false)
  parser.push(Buffer.from('x'))
  expect(parser.leftover).toBe(true)
})

const responseModel = fc.record({
  status: fc.constantFrom(200, 201, 400, 429, 503),
  interim: fc.integer({ min: 0, max: 3 }),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  framing: fc.constantFrom('length', 'chunked', 'close'),
  chunkBytes: fc.integer({ min: 1, max: 60 }),
  nameCase: fc.constantFrom('lower', 'upper'),
  extension: fc.constantFrom('', ';a', ' ', ' \t; a="b"'),
  trailers: fc.constantFrom('', 'x: y\r\n', 'x: y\r\nlong: line\r\n'),
})
type ResponseModel = typeof responseModel extends fc.Arbitrary<infer T> ? T : never

function encode(model: ResponseModel): Buffer {
  const interim = 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(model.interim)
  const start = Buffer.from(`${interim}HTTP/1.1 ${model.status} Reason: why\r\nserver: x\r\n`)
  const cased = (name: string) => (model.nameCase === 'upper' ? name.toUpperCase() : name)
  if (model.framing === 'close') return Buffer.concat([start, Buffer.from('\r\n'), model.body])
  if (model.framing === 'length') {
    const line = `${cased('content-length')}: ${model.body.length}\r\n\r\n`
    return Buffer.concat([start, Buffer.from(line), model.body])
  }
  const parts = [start, Buffer.from(`${cased('transfer-encoding')}: chunked\r\n\r\n`)]
  for (let at = 0; at < model.body.length; at += model.chunkBytes) {
    const chunk = model.body.subarray(at, at + model.chunkBytes)
    parts.push(
      Buffer.from(`${chunk.length.toString(16)}${model.extension}\r\n`),
      chunk,
      Buffer.from('\r\n'),
    )
  }
  parts.push(Buffer.from(`0\r\n${model.trailers}\r\n`))
  return Buffer.concat(parts)
}

const splits = fc.array(fc.nat(2_000), { maxLength: 12 })

test('property: any split of a response gives its status and body', () => {
  fc.assert(
    fc.property(responseModel, splits, (model, places) => {
      expect(parse(cut(encode(model), places), 'ended')).toEqual({
        state: 'whole',
        status: model.status,
        body: model.body.toString('latin1'),
      })
    }),
    { numRuns: 300 },
  )
})

test('property: bytes changed at random never throw, and any split gives one verdict', () => {
  const damage = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 4 })
  fc.assert(
    fc.property(responseModel, damage, splits, (model, changes, places) => {
      const bytes = encode(model)
      for (const [at, byte] of changes) bytes[at % bytes.length] = byte
      expect(parse(cut(bytes, places), 'ended')).toEqual(parse([bytes], 'ended'))
      expect(parse(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(parse([bytes]))
    }),
    { numRuns: 200 },
  )
})

test('property: garbage never throws and is never an answer', () => {
  const garbage = fc.uint8Array({ maxLength: 200 }).filter((bytes) => bytes[0] !== 72)
  fc.assert(
    fc.property(garbage, splits, (bytes, places) => {
      const verdict = parse(cut(Buffer.from(bytes), places), 'ended')
      expect(verdict.state).toBe(bytes.length === 0 ? 'partial' : 'broken')
    }),
    { numRuns: 200 },
  )
})

test('property: words of the protocol in any order never throw', () => {
  const word = fc.constantFrom(
    'HTTP/1.1 200 OK',
    'HTTP/1.0 204',
    '\r\n',
    '\r\n\r\n',
    '\r',
    '\n',
    ':',
    ' ',
    '0',
    '5',
    'fff',
    'content-length',
    'Transfer-Encoding: chunked',
    'connection: close',
    'x',
    '\0',
    'é',
    ';',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 25 }), splits, (words, places) => {
      const bytes = Buffer.from(`HTTP/1.1 200 OK\r\n${words.join('')}`)
      expect(parse(cut(bytes, places), 'ended')).toEqual(parse([bytes], 'ended'))
    }),
    { numRuns: 300 },
  )
})
