import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { frameOf, headOf } from './copies.fixtures.ts'
import { accept, type CopyState } from './copy-state.ts'
import { mergeCopies } from './merge-copies.ts'

const copyOf = (generation: number, after: number, sequences: readonly number[], word = '') => ({
  ...headOf({ generation, after }),
  frames: sequences.map((sequence) => frameOf(sequence, word)),
})
const merged = (copies: readonly CopyState[], last = 0) =>
  mergeCopies(copies, last).map(({ sequence, usage }) => `${sequence}${usage[0]?.key}`)

describe('copies of several witnesses', () => {
  test('make up for what one of them lacks, up to the first gap', () => {
    const copies = [copyOf(1, 0, [1, 2]), copyOf(1, 0, [1, 2, 3, 4]), copyOf(1, 0, [6])]
    expect(merged(copies)).toEqual(['1', '2', '3', '4'])
    expect(merged(copies, 3)).toEqual(['4'])
    expect(merged(copies, 4)).toEqual([])
    expect(merged([])).toEqual([])
  })

  test('say together what is void, though the one that knows it has less', () => {
    const old = copyOf(1, 0, [1, 2, 3, 4], 'a')
    expect(merged([old, copyOf(2, 2, [1], 'a')])).toEqual(['1a', '2a'])
    expect(merged([old, { ...copyOf(2, 2, []), frames: [frameOf(3, 'b')] }])).toEqual([
      ...['1a', '2a', '3b'],
    ])
  })

  test('hold all that was stored and nothing that is void, whatever a gateway went through', () => {
    const does = (name: 'put' | 'send' | 'lose' | 'giveUp') =>
      fc.record({ does: fc.constant(name), to: fc.nat({ max: 2 }) })
    const step = fc.oneof(
      { weight: 4, arbitrary: does('put') },
      { weight: 5, arbitrary: does('send') },
      // It gets there, and the answer is lost.
      { weight: 2, arbitrary: does('lose') },
      { weight: 1, arbitrary: does('giveUp') },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const gateway = { generation: 1, after: 0, stored: 0, frames: [] as string[], made: 0 }
        const copies: (CopyState | undefined)[] = [undefined, undefined, undefined]
        for (const { does: what, to } of steps) {
          if (what === 'put') gateway.frames.push(String(++gateway.made))
          else if (what === 'giveUp') {
            gateway.frames.length = gateway.stored
            gateway.generation++
            gateway.after = gateway.stored
          } else {
            const frames = gateway.frames.map((word, at) => frameOf(at + 1, word))
            const accepted = accept(copies[to], { head: headOf(gateway), frames })
            if (accepted.kind === 'refused') throw new Error(accepted.refusal.detail)
            copies[to] = accepted.state
            if (what === 'send') gateway.stored = gateway.frames.length
          }
        }
        const all = copies.filter((copy) => copy !== undefined)
        const found = merged(all)
        const named = gateway.frames.map((word, at) => `${at + 1}${word}`)
        expect(found.slice(0, gateway.stored)).toEqual(named.slice(0, gateway.stored))
        // Where one has heard that frames are void, none of them is left.
        if (all.some(({ generation }) => generation === gateway.generation)) {
          expect(named.slice(0, found.length)).toEqual(found)
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
