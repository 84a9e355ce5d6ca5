import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { CommandError } from './exit-codes.ts'
import { parseParams } from './params.ts'

/** What JSON can carry: it has no -0 and no infinite numbers. */
const jsonValue = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown)

test('any JSON values, one a word, arrive as they were', () => {
  fc.assert(
    fc.property(fc.array(jsonValue, { minLength: 2, maxLength: 4 }), (params) => {
      expect(parseParams(params.map((param) => JSON.stringify(param)))).toEqual(params)
    }),
  )
})

test('any params as one JSON array arrive as they were', () => {
  fc.assert(
    fc.property(fc.array(jsonValue, { maxLength: 4 }), (params) => {
      expect(parseParams([JSON.stringify(params)])).toEqual(params)
    }),
  )
})

test('any words at all are params or bad input', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 3 }), (words) => {
      try {
        expect(Array.isArray(parseParams(words))).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(CommandError)
      }
    }),
  )
})

test('bare words are strings, and one object is the first param', () => {
  expect(parseParams(['0xabc', 'latest', '007', ''])).toEqual(['0xabc', 'latest', '007', ''])
  expect(parseParams(['{"fromBlock":"0x1"}'])).toEqual([{ fromBlock: '0x1' }])
  expect(parseParams(['true', '5', 'null'])).toEqual([true, 5, null])
  expect(parseParams([])).toEqual([])
})

test('numbers arrive however they are written, and digits in strings are left alone', () => {
  expect(parseParams(['1.50e3', '-0', '0.1', '1e-7'])).toEqual([1500, -0, 0.1, 1e-7])
  expect(parseParams(['{"a":"1e400 \\"12345678901234567891"}'])).toEqual([
    { a: '1e400 "12345678901234567891' },
  ])
})

test.each([
  '[1,',
  '{fromBlock:1}',
  '"open',
  '12345678901234567891',
  '-9007199254740993',
  '1e400',
  '-1e400',
  '1e-400',
  '{"value":[1e400]}',
  '[12345678901234567891]',
])('the word %s is refused instead of guessed at', (word) => {
  expect(() => parseParams([word])).toThrow(CommandError)
})
