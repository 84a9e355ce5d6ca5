import { expect, test } from 'bun:test'
import { SharedRoom } from './shared-room.ts'
import { type SlowReader, UnsentAnswers } from './unsent-answers.ts'

function open() {
  const unsent = new UnsentAnswers(new SharedRoom({ bytesMax: 10, partBytesMax: 6 }))
  const gone: string[] = []
  return {
    unsent,
    gone,
    add(name: string, owner: string, { bytes, untilMs = 0 }: { bytes: number; untilMs?: number }) {
      const reader: SlowReader = {
        untilMs,
        giveUp() {
          gone.push(name)
          unsent.remove(reader)
        },
      }
      unsent.add(reader, { owner, bytes })
      return reader
    },
  }
}

test('when there is too much, those that have stalled longest go, and nobody after them', () => {
  const { add, gone, unsent } = open()
  add('fast', 'a', { bytes: 4, untilMs: 30 })
  add('stalled', 'b', { bytes: 4, untilMs: 10 })
  add('slow', 'c', { bytes: 2, untilMs: 20 })
  expect(gone).toEqual([])
  add('newest', 'd', { bytes: 1, untilMs: 5 })
  expect(gone).toEqual(['stalled'])
  expect(unsent.bytes).toBe(7)
})

test('of those that have stalled as long the one goes that read on first', () => {
  const { add, gone, unsent } = open()
  const first = add('first', 'a', { bytes: 5 })
  add('second', 'b', { bytes: 5 })
  unsent.readOn(first)
  add('third', 'c', { bytes: 5 })
  expect(gone).toEqual(['second'])
})

test('a caller with too much loses answers of its own, not those of others', () => {
  const { add, gone } = open()
  add('other', 'b', { bytes: 3, untilMs: 1 })
  add('first', 'a', { bytes: 3, untilMs: 2 })
  add('second', 'a', { bytes: 3, untilMs: 3 })
  add('third', 'a', { bytes: 3, untilMs: 4 })
  expect(gone).toEqual(['first'])
})

test('one answer may be longer than the part of a caller, but not than all there is', () => {
  const { add, gone } = open()
  add('long', 'a', { bytes: 8 })
  expect(gone).toEqual([])
  add('longer', 'b', { bytes: 11 })
  expect(gone).toEqual(['long', 'longer'])
})
