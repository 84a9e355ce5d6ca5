import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { paramsOf, readRequestText, requestText } from './request-text.ts'

const params = fc.oneof(
  fc.array(fc.jsonValue(), { maxLength: 4 }),
  fc.dictionary(fc.string(), fc.jsonValue()),
)
const method = fc.stringMatching(/^[A-Za-z0-9_.]{1,64}$/)

test('what a gateway writes is read as it was meant', () => {
  fc.assert(
    fc.property(method, params, fc.nat(), (name, given, id) => {
      const text = requestText({ method: name, params: given as readonly unknown[] }, id)
      const read = readRequestText(text)
      expect(read?.method).toBe(name)
      expect(JSON.stringify(paramsOf(text, read?.paramsAt ?? 0))).toBe(JSON.stringify(given))
    }),
  )
})

test('whatever is read has one method for every reader of JSON', () => {
  const mutation = fc.record({
    at: fc.nat(),
    cut: fc.nat({ max: 3 }),
    put: fc.string({ maxLength: 6 }),
  })
  fc.assert(
    fc.property(method, params, mutation, (name, given, { at, cut, put }) => {
      const text = requestText({ method: name, params: given as readonly unknown[] }, 1)
      const place = at % text.length
      const changed = text.slice(0, place) + put + text.slice(place + cut)
      const read = readRequestText(changed)
      if (read === undefined) return
      const value = JSON.parse(changed)
      expect(Object.keys(value)).toEqual(['jsonrpc', 'id', 'method', 'params'])
      expect(value.method).toBe(read.method)
    }),
    { numRuns: 2_000 },
  )
})
