import { expect, test } from 'bun:test'
import { Doorkeeper } from './doorkeeper.ts'

test('a key is let in when it comes again, and forgotten when it stays away', () => {
  const doorkeeper = new Doorkeeper()
  expect(doorkeeper.admits('a')).toBe(false)
  expect(doorkeeper.admits('a')).toBe(true)
  let early = 0
  for (let at = 0; at < 200_000; at++) if (doorkeeper.admits(`key ${at}`)) early++
  // A few share a number with another one.
  expect(early).toBeLessThan(100)
  expect(doorkeeper.admits('a')).toBe(false)
  expect(doorkeeper.admits('key 199999')).toBe(true)
})
