import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  endOfPlainValue,
  isPlain,
  plainLastItemAt,
  plainMembersAt,
  skipSpace,
} from './plain-json.ts'

/** The members of an object that is the whole text. */
function plainMembersOf(text: string, names: readonly string[]) {
  const found = plainMembersAt(text, skipSpace(text, 0), names)
  return found && skipSpace(text, found.end) === text.length ? found.values : undefined
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** Texts that are nearly JSON: what stands in JSON, thrown together or with a piece cut out or put in. */
const token = fc.constantFrom(
  ...['{', '}', '[', ']', ',', ':', '"', '"a"', '"id"', '0', '1', '-', '.', 'e', '+', 'E-1', ' '],
  ...['null', 'true', 'false', 'nul', '01', '1.5', '{}', '[]', '"x":', 'é', '\u2028', '\\', '\n'],
)
const nearlyJson = fc.oneof(
  fc.array(token, { maxLength: 24 }).map((tokens) => tokens.join('')),
  fc.tuple(fc.json(), fc.nat(), fc.nat(3), token).map(([text, at, length, piece]) => {
    const place = at % (text.length + 1)
    return text.slice(0, place) + piece + text.slice(place + length)
  }),
)

describe('a plain text', () => {
  test('ends where JSON.parse takes it to end, for any JSON value', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.constantFrom('', ' ', ',', '}x'),
        (value, rest) => {
          const text = JSON.stringify(value)
          if (isPlain(text)) expect(endOfPlainValue(text + rest, 0)).toBe(text.length)
        },
      ),
    )
  })

  test('is JSON exactly where JSON.parse says so', () => {
    fc.assert(
      fc.property(nearlyJson, (text) => {
        if (!isPlain(text)) return
        const trimmed = text.trim()
        const isWhole = trimmed !== '' && endOfPlainValue(trimmed, 0) === trimmed.length
        expect(isWhole).toBe(parsed(trimmed) !== undefined)
      }),
      { numRuns: 5_000 },
    )
  })

  test('has the members that JSON.parse finds, of names that stand twice the last', () => {
    const member = fc.tuple(
      fc.constantFrom('id', 'result', 'error', 'i', 'resul', 'x'),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(
        fc.array(member, { maxLength: 8 }),
        fc.constantFrom('', ' ', '  '),
        (members, gap) => {
          const inner = members
            .map(([name, value]) => `${gap}"${name}"${gap}:${gap}${JSON.stringify(value)}${gap}`)
            .join(',')
          const text = `${gap}{${inner}${gap}}${gap}`
          if (!isPlain(text)) return
          const value = JSON.parse(text)
          const names = ['id', 'result', 'error']
          const found = plainMembersOf(text, names)
          expect(found?.map((json) => (json === undefined ? undefined : JSON.parse(json)))).toEqual(
            names.map((name) => (Object.hasOwn(value, name) ? value[name] : undefined)),
          )
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test('has no members where JSON.parse does not find an object', () => {
    fc.assert(
      fc.property(nearlyJson, (text) => {
        if (!isPlain(text)) return
        const value = parsed(text)?.value
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
        expect(plainMembersOf(text, ['id']) !== undefined).toBe(isObject)
      }),
      { numRuns: 5_000 },
    )
  })

  test('has the last item that JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (items) => {
        const text = JSON.stringify(items)
        if (!isPlain(text)) return
        const found = plainLastItemAt(text, 0)
        expect(found?.end).toBe(text.length)
        const item = found?.item
        expect(item === undefined ? undefined : JSON.parse(item)).toEqual(JSON.parse(text).at(-1))
      }),
    )
  })

  test('nested to hurt a parser is told apart without reading on', () => {
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = `${open.repeat(200_000)}1${close.repeat(200_000)}`
      expect(endOfPlainValue(deep, 0)).toBe(-1)
      expect(endOfPlainValue(`${open.repeat(200_000)}`, 0)).toBe(-1)
    }
  })

  test('is one without escapes and control characters', () => {
    expect(isPlain('{"a":"é"}')).toBe(true)
    expect(isPlain('{"a":"\\u0041"}')).toBe(false)
    expect(isPlain('{\n}')).toBe(false)
  })
})
