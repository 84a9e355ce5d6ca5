import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { isDeeperThan, sliceMember } from '../json-text.ts'
import { encodeError, encodeResult } from './answer.ts'
import { parseReply } from './reply.ts'

describe("a node's answer", () => {
  test('keeps its result as the bytes it came in', () => {
    const text =
      '{"id":1,"result": {"wei":123456789012345678901234567890, "x":1e2 } ,"jsonrpc":"2.0"}'
    expect(parseReply(text, 1)).toMatchObject({
      kind: 'result',
      resultJson: '{"wei":123456789012345678901234567890, "x":1e2 }',
    })
  })

  test('keeps error data as the bytes it came in', () => {
    const text =
      '{"jsonrpc":"2.0","id":1,"error":{"code":3,"message":"reverted","data":"0x08c379a0"}}'
    expect(parseReply(text, 1)).toEqual({
      kind: 'error',
      code: 3,
      message: 'reverted',
      dataJson: '"0x08c379a0"',
    })
  })

  test('with an error of odd shape is an error all the same', () => {
    expect(parseReply('{"error":"busy"}', 1)).toMatchObject({ kind: 'error', message: 'busy' })
    expect(parseReply('{"error":{"code":"x"}}', 1)).toMatchObject({ kind: 'error', code: -32000 })
  })

  const malformed = [
    '',
    'null',
    '[]',
    '5',
    '{}',
    '{"id":1}',
    '{"id":2,"result":1}',
    '{"id":1,"res',
    '<html>',
  ]
  test.each(malformed)('of the text %p is malformed', (text) => {
    expect(parseReply(text, 1).kind).toBe('malformed')
  })

  test('whose error is of another request is malformed, of none at all is an error', () => {
    const error = '"error":{"code":3,"message":"reverted"}'
    expect(parseReply(`{"id":999,${error}}`, 1).kind).toBe('malformed')
    expect(parseReply(`{"id":null,${error}}`, 1).kind).toBe('error')
    expect(parseReply(`{${error}}`, 1).kind).toBe('error')
  })

  test('that is nested to hurt a parser is not parsed, wherever the nesting stands', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`
    expect(parseReply(`{"id":1,"result":${deep}}`, 1).kind).toBe('tooDeep')
    expect(parseReply(`{"id":1,"error":{"code":-1,"message":${deep}}}`, 1).kind).toBe('tooDeep')
  })

  test('with error null and a result is a result', () => {
    expect(parseReply('{"id":1,"error":null,"result":null}', 1)).toMatchObject({
      resultJson: 'null',
    })
  })

  test('that states result twice is read as JSON.parse reads it, and cannot inject members', () => {
    const text = '{"id":1,"result":1,"result":{"a":2},"id":1}'
    expect(parseReply(text, 1)).toMatchObject({ result: { a: 2 }, resultJson: '{"a":2}' })
  })

  test('survives the way through the gateway with any JSON result', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 2 }), (result, indent) => {
        const text = JSON.stringify({ jsonrpc: '2.0', result, id: 1 }, null, indent)
        const reply = parseReply(text, 1)
        if (reply.kind !== 'result') throw new Error(`not a result: ${text}`)
        const sent = JSON.parse(encodeResult('x', reply.resultJson))
        expect(sent).toEqual(JSON.parse(JSON.stringify({ jsonrpc: '2.0', id: 'x', result })))
      }),
    )
  })

  test('is outlined by what the whole of it holds, in any spacing and with any names', () => {
    const result = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.constantFrom('number', 'numbe', 'x', '\\u006eumber'), fc.jsonValue()),
    )
    fc.assert(
      fc.property(result, fc.integer({ min: 0, max: 2 }), (value, indent) => {
        const text = JSON.stringify({ jsonrpc: '2.0', id: 1, result: value }, null, indent)
        const reply = parseReply(text, 1, ['number', 'hash'])
        if (reply.kind !== 'result') throw new Error(`not a result: ${text}`)
        const whole = JSON.parse(JSON.stringify(value))
        expect(reply.result).toEqual(whole)
        if (Array.isArray(whole)) {
          expect((reply.outline as unknown[]).at(-1)).toEqual(whole.at(-1))
        } else if (typeof whole === 'object' && whole !== null) {
          const outline = reply.outline as Record<string, unknown>
          expect(Object.hasOwn(outline, 'number')).toBe(Object.hasOwn(whole, 'number'))
          expect(outline.number).toEqual(whole.number)
        } else expect(reply.outline).toEqual(whole)
      }),
    )
  })

  test('of any text never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(['result', 'error', 'malformed', 'tooDeep']).toContain(parseReply(text, 1).kind)
      }),
    )
  })
})

describe('slicing a member out of a JSON object', () => {
  test('gives what JSON.parse gives, for any object and any spacing', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.integer({ min: 0, max: 3 }),
        (object, extra, indent) => {
          const text = JSON.stringify(object, null, indent)
          const parsed = JSON.parse(text)
          for (const name of [...Object.keys(parsed), extra]) {
            const slice = sliceMember(text, name)
            const value = Object.hasOwn(parsed, name) ? parsed[name] : undefined
            expect(slice === undefined ? undefined : JSON.parse(slice)).toEqual(value)
          }
        },
      ),
    )
  })

  test('finds a name that is written with escapes', () => {
    expect(sliceMember('{"\\u0072esult":[1,"]"]}', 'result')).toBe('[1,"]"]')
  })
})

describe('depth', () => {
  test('is told as a parser would find it', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null
        ? 1 + Math.max(0, ...Object.values(value).map(depthOf))
        : 0
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        const depth = depthOf(JSON.parse(text))
        expect(isDeeperThan(text, depth)).toBe(false)
        if (depth > 0) expect(isDeeperThan(text, depth - 1)).toBe(true)
      }),
    )
  })
})

describe('an error answer', () => {
  test('is JSON whatever the message holds', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer(), (message, code) => {
        const parsed = JSON.parse(encodeError(null, { code, message }))
        expect(parsed.error).toEqual({ code, message: JSON.parse(JSON.stringify(message)) })
      }),
    )
  })
})
