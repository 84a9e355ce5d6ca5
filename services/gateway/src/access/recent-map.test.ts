import { expect, test } from 'bun:test'
import { RecentMap } from './recent-map.ts'

test('the one that was set first makes room, and is told', () => {
  const map = new RecentMap<string, number>(2)
  expect([map.set('a', 1), map.set('b', 2)]).toEqual([undefined, undefined])
  expect(map.set('c', 3)).toBe(1)
  expect([map.get('a'), map.get('b'), map.size]).toEqual([undefined, 2, 2])
})

test('one that is set anew is the newest, and what it replaces is told', () => {
  const map = new RecentMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.set('a', 3)).toBe(1)
  expect(map.set('c', 4)).toBe(2)
  expect([map.get('a'), map.get('c')]).toEqual([3, 4])
})
