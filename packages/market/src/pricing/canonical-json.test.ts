import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.ts'

describe('the one text of a value', () => {
  test('orders members by UTF-16 code units, as the example of RFC 8785 does', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6']
    const value = Object.fromEntries(names.map((name, place) => [name, place]))
    const found = [...canonicalJson(value).matchAll(/"([^"]+)":/g)].map(([, name]) => name)
    expect(found).toEqual(['\\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'])
  })

  test('has no spaces, and is the same whatever order members came in', () => {
    expect(canonicalJson({ b: [1, { d: true, c: null }], a: 'x"y\n' })).toBe(
      '{"a":"x\\"y\\n","b":[1,{"c":null,"d":true}]}',
    )
    expect(canonicalJson({ b: 1, a: 2 })).toBe(canonicalJson({ a: 2, b: 1 }))
    expect(canonicalJson({})).toBe('{}')
    expect(canonicalJson([])).toBe('[]')
    expect(canonicalJson(-0)).toBe('0')
  })

  test('refuses what other programs would write otherwise, or not at all', () => {
    for (const value of [0.5, 2 ** 53, Number.NaN, undefined, 1n, '\ud800', { '\ud800': 1 }]) {
      expect(() => canonicalJson(value)).toThrow(RangeError)
      expect(() => canonicalJson([{ a: value }])).toThrow(RangeError)
    }
  })

  test('reads back as the same value, and its text is that of what was read', () => {
    const wholes = fc.maxSafeInteger().map((value) => (Object.is(value, -0) ? 0 : value))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string({ unit: 'grapheme' }),
        wholes,
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const text = canonicalJson(value)
        const read: unknown = JSON.parse(text)
        expect(canonicalJson(read)).toBe(text)
        expect(JSON.stringify(read).length).toBe(text.length)
        expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text)
      }),
    )
  })
})
