import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type History, recorded, valueAt } from './history.ts'

describe('a history', () => {
  test('answers like a search through all records, at, before and after each', () => {
    const gaps = fc.array(fc.record({ gap: fc.bigInt({ min: 0n, max: 5n }), value: fc.nat() }))
    fc.assert(
      fc.property(gaps, (steps) => {
        let history: History<number> | undefined
        const plain = new Map<bigint, number>()
        let at = 10n
        for (const { gap, value } of steps) {
          at += gap
          history = recorded(history, at, value)
          plain.set(at, value)
        }
        for (let asked = 9n; asked <= at + 1n; asked++) {
          const expected = [...plain].filter(([from]) => from <= asked).at(-1)?.[1]
          expect(valueAt(history, asked)).toBe(expected)
        }
      }),
    )
  })

  test('takes nothing for a moment before its newest record', () => {
    expect(() => recorded(recorded(undefined, 5n, 'a'), 4n, 'b')).toThrow(RangeError)
  })
})
