import { expect, test } from 'bun:test'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { canonicalText } from './canonical-text.ts'

/** Few leaves, so that equal values are met; no -0, which JSON does not have. */
const leaf = fc.oneof(
  fc.constantFrom('', '1', '1n', 'null', 'a', '"', null, true, 'true'),
  fc.integer({ min: 0, max: 2 }),
  fc.bigInt({ min: 0n, max: 2n }),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', '"a'), tie('value'), { noNullPrototype: true }),
  ),
}))

test('two values have the same text when they are equal, and only then', () => {
  fc.assert(
    fc.property(value, value, (one, other) => {
      return (canonicalText(one) === canonicalText(other)) === isDeepStrictEqual(one, other)
    }),
    { numRuns: 2_000 },
  )
})

test('neither the order of members nor an absent one makes a difference', () => {
  expect(canonicalText({ a: 1, b: { c: 2n, d: undefined } })).toBe(
    canonicalText({ b: { c: 2n }, a: 1 }),
  )
  expect(canonicalText([undefined])).not.toBe(canonicalText([]))
})
