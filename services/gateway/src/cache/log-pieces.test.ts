import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { chunkBlocks, joinLists, logItemsOf, logsJsonOf, piecesOf, runsOf } from './log-pieces.ts'

const range = fc
  .tuple(fc.nat(2_000), fc.nat(2_000))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }))

test('pieces cover a range without gap or overlap, each within one chunk, none above what is kept', () => {
  fc.assert(
    fc.property(range, fc.integer({ min: -1, max: 2_500 }), ({ from, to }, keptBlock) => {
      const pieces = piecesOf({ from, to }, keptBlock)
      if (keptBlock < from) expect(pieces).toBeUndefined()
      if (pieces === undefined) return
      let next = from
      for (const piece of pieces) {
        expect(piece.from).toBe(next)
        next = piece.to + 1
        if (!piece.mayKeep) continue
        expect(piece.to).toBeLessThanOrEqual(keptBlock)
        expect(Math.floor(piece.from / chunkBlocks)).toBe(Math.floor(piece.to / chunkBlocks))
      }
      expect(next).toBe(to + 1)
      expect(pieces.filter(({ mayKeep }) => !mayKeep).length).toBeLessThanOrEqual(1)
    }),
  )
})

test('what is missing is asked for in few searches that stay within the range', () => {
  fc.assert(
    fc.property(range, fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), (asked, found) => {
      const pieces = piecesOf(asked, 3_000) ?? []
      const isMissing = (piece: (typeof pieces)[number]) => !found[pieces.indexOf(piece)]
      const runs = runsOf(pieces, isMissing)
      expect(runs.length).toBeLessThanOrEqual(3)
      for (const piece of pieces.filter(isMissing)) {
        expect(runs.some(({ from, to }) => from <= piece.from && piece.to <= to)).toBe(true)
      }
      for (const { from, to } of runs) {
        expect(from >= asked.from && to <= asked.to && from <= to).toBe(true)
      }
      expect(runs.length === 0).toBe(!pieces.some(isMissing))
    }),
  )
})

test('a list cut into parts and put together again is the same list, in the bytes it came in', () => {
  const log = fc.record({ blockNumber: fc.nat(400), data: fc.jsonValue() })
  fc.assert(
    fc.property(fc.array(log, { maxLength: 20 }), fc.nat(400), fc.nat(2), (logs, cut, indent) => {
      const sorted = logs
        .toSorted((a, b) => a.blockNumber - b.blockNumber)
        .map((each) => ({ ...each, blockNumber: `0x${each.blockNumber.toString(16)}` }))
      const text = JSON.stringify(sorted, null, indent)
      const items = logItemsOf(text, { from: 0, to: 400 })
      if (items === undefined) throw new Error('not read')
      const parts = [
        logsJsonOf(items, { from: 0, to: cut }),
        logsJsonOf(items, { from: cut + 1, to: 400 }),
      ]
      expect(JSON.parse(joinLists(parts))).toEqual(JSON.parse(text))
    }),
  )
})

test.each([
  '[{"blockNumber":"0x5"},{"blockNumber":"0x4"}]',
  '[{"blockNumber":"0xb"}]',
  '[{"blockNumber":null}]',
  '[null]',
  '{}',
])('%s is not what was asked for in blocks 1 to 10, so nothing of it is kept', (text) => {
  expect(logItemsOf(text, { from: 1, to: 10 })).toBeUndefined()
})
