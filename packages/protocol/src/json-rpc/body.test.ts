import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { failures } from '../failures.ts'
import { MarketError } from '../market-error.ts'
import { parseBody } from './body.ts'

const limits = { batchMax: 3, paramsDepthMax: 4 }
const valid = { jsonrpc: '2.0', id: 1, method: 'eth_blockNumber', params: [] }

function refusalOf(text: string): MarketError {
  try {
    parseBody(text, limits)
  } catch (error) {
    if (error instanceof MarketError) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

describe('a body', () => {
  test('with one request is that request', () => {
    expect(parseBody(JSON.stringify(valid), limits)).toEqual({
      kind: 'single',
      item: { ok: true, request: { id: 1, method: 'eth_blockNumber', params: [] } },
    })
  })

  test('may say that params are null, as some clients do', () => {
    const body = parseBody('{"id":1,"method":"x","params":null}', limits)
    expect(body).toMatchObject({ item: { ok: true, request: { params: [] } } })
  })

  test('may leave params and jsonrpc out', () => {
    const body = parseBody('{"id":"a","method":"x"}', limits)
    expect(body).toMatchObject({ item: { ok: true, request: { id: 'a', params: [] } } })
  })

  const refused: [string, string, string][] = [
    ['that is not JSON', '{"id":1,', 'PARSE_ERROR'],
    ['that is empty', '', 'PARSE_ERROR'],
    ['that is an empty batch', '[]', 'INVALID_REQUEST'],
    ['that is a batch past the limit', '[1,2,3,4]', 'REQUEST_TOO_LARGE'],
    [
      'that nests past the limit',
      `{"params":${'['.repeat(5)}${']'.repeat(5)}}`,
      'REQUEST_TOO_LARGE',
    ],
    ['that nests without end', '['.repeat(100_000), 'REQUEST_TOO_LARGE'],
    [
      'that uses an id twice',
      JSON.stringify([valid, { ...valid, id: 2 }, valid]),
      'INVALID_REQUEST',
    ],
  ]
  test.each(refused)('%s is refused', (_name, text, code) => {
    expect(refusalOf(text).code as string).toBe(code)
  })

  test('may nest up to the limit, in a batch too', () => {
    const params = JSON.parse(`${'['.repeat(4)}${']'.repeat(4)}`)
    const text = JSON.stringify([{ ...valid, params }])
    expect(parseBody(text, limits)).toMatchObject({ items: [{ ok: true }] })
  })

  test('may hold brackets and escaped quotes in strings', () => {
    const text = JSON.stringify({ ...valid, params: ['[[[[[["{{{{\\'] })
    expect(parseBody(text, limits)).toMatchObject({ item: { ok: true } })
  })

  test('names the positions of an id that stands twice', () => {
    expect(refusalOf(JSON.stringify([valid, { ...valid, id: 2 }, valid])).message).toContain(
      'positions 0 and 2',
    )
  })

  test('keeps the good members of a batch when one is bad, with the id it can be answered by', () => {
    const body = parseBody(JSON.stringify([valid, { id: 7, method: 5 }, 'x']), limits)
    expect(body).toMatchObject({
      items: [
        { ok: true },
        { ok: false, id: 7, error: { code: 'INVALID_REQUEST' } },
        { ok: false, id: null },
      ],
    })
  })

  const ids: [unknown, boolean][] = [
    [1, true],
    [0, true],
    [-1, true],
    [1.5, true],
    ['a', true],
    ['', true],
    [null, true],
    [2 ** 53, false],
    [true, false],
    [[], false],
    [{}, false],
    [undefined, false],
  ]
  test.each(ids)('with the id %p is accepted: %p', (id, accepted) => {
    const body = parseBody(JSON.stringify({ ...valid, id }), limits)
    expect(body.kind === 'single' && body.item.ok).toBe(accepted)
  })

  test('of any text is parsed or refused with a known failure', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          expect(['single', 'batch']).toContain(parseBody(text, limits).kind)
        } catch (error) {
          expect(error instanceof MarketError && error.code in failures).toBe(true)
        }
      }),
    )
  })
})
