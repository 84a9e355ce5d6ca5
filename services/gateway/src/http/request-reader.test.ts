import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { RequestReader } from './request-reader.ts'

const bodyBytesMax = 2_000

/** What comes out of a reader whose bodies are all taken, in words. */
function read(pieces: readonly (string | Uint8Array)[]): string[] {
  const reader = new RequestReader()
  const seen: string[] = []
  for (const piece of pieces) {
    reader.push(Buffer.from(piece))
    for (let step = reader.next(); step.state !== 'partial'; step = reader.next()) {
      if (step.state === 'head') {
        seen.push(`${step.head.method} ${step.head.target}`)
        reader.takeBody(bodyBytesMax)
      } else if (step.state === 'body') seen.push(`body ${step.text}`)
      else seen.push(step.state === 'broken' ? `broken ${step.status}` : step.state)
    }
  }
  return seen
}

/** Cuts bytes at the given places, in whatever order they come. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b)
  const edges = [0, ...sorted, bytes.length]
  return edges.slice(1).map((edge, at) => bytes.subarray(edges[at], edge))
}

const post = (headers: string, body = '') =>
  `POST /eth HTTP/1.1\r\nHost: a\r\n${headers}\r\n\r\n${body}`

describe('requests that are well formed', () => {
  const several =
    post('Content-Length: 4', '{"é') + // Four bytes: the last letter has two.
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n' +
    post('Transfer-Encoding: Chunked', '3;x=y\r\nabc\r\n02\r\nde\r\n0\r\nx: y\r\n\r\n') +
    '\r\n' +
    post('Content-Length: 0')
  const expected = ['POST /eth', 'body {"é', 'GET /', 'body ', 'POST /eth', 'body abcde']
  const whole = [...expected, 'POST /eth', 'body ']

  test('are read one after the other', () => {
    expect(read([several])).toEqual(whole)
  })

  test('are read the same from every split of their bytes', () => {
    const bytes = Buffer.from(several)
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), (places) => {
        expect(read(cut(bytes, places))).toEqual(whole)
      }),
    )
    expect(read(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole)
  })

  test('share the head of one that was the same', () => {
    const reader = new RequestReader()
    const heads = []
    for (let round = 0; round < 2; round++) {
      reader.push(Buffer.from(post('Content-Length: 2', '{}')))
      const step = reader.next()
      heads.push(step.state === 'head' ? step.head : undefined)
      reader.takeBody(bodyBytesMax)
      reader.next()
    }
    expect(heads[0]).toBeDefined()
    expect(heads[1]).toBe(heads[0])
  })

  test('lose a byte order mark', () => {
    expect(read([post('Content-Length: 5', '\ufeff{}')])).toEqual(['POST /eth', 'body {}'])
  })
})

describe('a body that is not wanted', () => {
  test('is passed over, wherever its bytes are cut', () => {
    const bytes = Buffer.from(`${post('Content-Length: 9', 'unwanted!')}GET /next HTTP/1.1\r\n\r\n`)
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 6 }), (places) => {
        const reader = new RequestReader()
        const targets: string[] = []
        for (const piece of cut(bytes, places)) {
          reader.push(piece)
          for (let step = reader.next(); step.state === 'head'; step = reader.next()) {
            targets.push(step.head.target)
            expect(reader.skipBody(100)).toBe(true)
          }
        }
        expect(targets).toEqual(['/eth', '/next'])
      }),
    )
  })

  test('of unknown or of too great a length ends the reading', () => {
    for (const headers of ['Transfer-Encoding: chunked', 'Content-Length: 101']) {
      const reader = new RequestReader()
      reader.push(Buffer.from(post(headers)))
      expect(reader.next().state).toBe('head')
      expect(reader.skipBody(100)).toBe(false)
      reader.push(Buffer.from('GET / HTTP/1.1\r\n\r\n'))
      expect(reader.next().state).toBe('partial')
    }
  })
})

test('a chunked body past the limit is told as soon as it is', () => {
  const chunk = `400\r\n${'x'.repeat(1_024)}\r\n`
  const seen = read([post('Transfer-Encoding: chunked'), chunk, chunk, '0\r\n\r\n'])
  expect(seen).toEqual(['POST /eth', 'tooLarge'])
})

describe('what two readers could read differently is refused, and nothing behind it is read', () => {
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
  const vectors: [string, string, number][] = [
    ['two lengths', post('Content-Length: 3\r\nContent-Length: 4', 'abcd'), 400],
    ['one length twice', post('Content-Length: 3\r\nContent-Length: 3', 'abc'), 400],
    ['a list of lengths', post('Content-Length: 3, 3', 'abc'), 400],
    ['a length with a sign', post('Content-Length: +3', 'abc'), 400],
    ['a length below zero', post('Content-Length: -1'), 400],
    ['a length in hex', post('Content-Length: 0x3', 'abc'), 400],
    ['a length that overflows', post('Content-Length: 99999999999999999999'), 400],
    ['an empty length', post('Content-Length:'), 400],
    [
      'a length and chunks',
      post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
      400,
    ],
    ['chunks named twice', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked'), 501],
    ['another coding', post('Transfer-Encoding: gzip, chunked'), 501],
    ['identity as a coding', post('Transfer-Encoding: identity'), 501],
    ['a coding with a control character', post('Transfer-Encoding: \x0bchunked'), 400],
    ['a coding behind a no-break space', post('Transfer-Encoding: \xa0chunked'), 501],
    ['a length behind a no-break space', post('Content-Length: \xa03', 'abc'), 400],
    ['a length before a no-break space', post('Content-Length: 3\xa0', 'abc'), 400],
    ['a space before the colon', post('Content-Length : 3', 'abc'), 400],
    ['a folded line', post('X: a\r\n Content-Length: 3', 'abc'), 400],
    ['a bare line feed in a header', post('X: a\nContent-Length: 3', 'abc'), 400],
    ['a bare carriage return', post('X: a\rContent-Length: 3', 'abc'), 400],
    ['a zero byte', post('X: a\0b'), 400],
    ['a header without a name', post(': x'), 400],
    ['a header without a colon', post('Content-Length'), 400],
    ['a request line that ends in a line feed', 'GET / HTTP/1.1\nHost: a\r\n\r\n', 400],
    ['a request line in two words', 'GET /\r\n\r\n', 400],
    ['two spaces in the request line', 'GET  / HTTP/1.1\r\n\r\n', 400],
    ['a target with a control character', 'GET /\x7f HTTP/1.1\r\n\r\n', 400],
    ['chunks in HTTP/1.0', 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
    ['another version', 'GET / HTTP/2.0\r\n\r\n', 505],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
    ['a TLS greeting', '\x16\x03\x01\x02\x00\x01', 400],
    ['too long a head', `GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['a head without an end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(17_000)}`, 431],
    ['too many headers', `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(300)}\r\n`, 400],
  ]
  test.each(vectors)('%s', (_name, bytes, status) => {
    expect(read([Buffer.from(bytes + smuggled, 'latin1')])).toEqual([`broken ${status}`])
  })

  const chunks: [string, string][] = [
    ['a size that is none', 'zz\r\nabc\r\n0\r\n\r\n'],
    ['a size with 0x', '0x3\r\nabc\r\n0\r\n\r\n'],
    ['a size with a line feed alone', '3\nabc\r\n0\r\n\r\n'],
    ['a chunk without its end', '3\r\nabcX0\r\n\r\n'],
    ['a word behind the size', '3 x\r\nabc\r\n0\r\n\r\n'],
    ['a word behind the last size', '0\tgarbage\r\n\r\n'],
    ['an empty size', '\r\nabc\r\n0\r\n\r\n'],
  ]
  test.each(chunks)('in chunks: %s', (_name, body) => {
    const seen = read([post('Transfer-Encoding: chunked', body + smuggled)])
    expect(seen).toEqual(['POST /eth', 'broken 400'])
  })
})

test('bytes of any kind never make it throw, and after a flaw nothing is read', () => {
  const nearlyHttp = fc
    .array(
      fc.constantFrom(
        ...['GET ', '/', ' HTTP/1.1', '\r\n', '\r', '\n', 'Host: a', 'Content-Length: 3', ':', ' '],
        ...[
          'Transfer-Encoding: chunked',
          '3\r\nabc\r\n',
          '0\r\n\r\n',
          'abc',
          '\0',
          'é',
          '\r\n\r\n',
        ],
      ),
      { maxLength: 24 },
    )
    .map((pieces) => Buffer.from(pieces.join('')))
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.uint8Array({ maxLength: 80 }), nearlyHttp), { maxLength: 4 }),
      (pieces) => {
        const seen = read(pieces)
        const broken = seen.findIndex((word) => word.startsWith('broken') || word === 'tooLarge')
        if (broken !== -1) expect(broken).toBe(seen.length - 1)
      },
    ),
    { numRuns: 2_000 },
  )
})
