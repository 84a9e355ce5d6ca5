import { expect, test } from 'bun:test'
import { SharedRoom } from './shared-room.ts'

test('one owner is over its part before all are over the whole', () => {
  const room = new SharedRoom({ bytesMax: 10, partBytesMax: 4 })
  room.take('a', 4)
  expect(room.isOverPart('a')).toBe(false)
  room.take('a', 1)
  expect([room.isOverPart('a'), room.isOverPart('b'), room.isOver]).toEqual([true, false, false])
  room.take('b', 4)
  room.take('c', 2)
  expect([room.isOverPart('b'), room.isOver]).toEqual([false, true])
})

test('what is given back can be taken again, by the same owner or another', () => {
  const room = new SharedRoom({ bytesMax: 10, partBytesMax: 10 })
  room.take('a', 10)
  room.take('a', -4)
  room.take('b', 4)
  expect(room.isOver).toBe(false)
  room.take('a', -6)
  room.take('b', -4)
  expect(room.bytes).toBe(0)
})
