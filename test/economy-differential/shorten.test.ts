import { expect, test } from 'bun:test'
import { shortened } from './shorten.ts'

const list = Array.from({ length: 40 }, (_, place) => place)
const withBoth = async (shorter: readonly number[]) => shorter.includes(7) && shorter.includes(31)

test('what is not needed to fail is left out, in order', async () => {
  expect(await shortened(list, withBoth, 1_000)).toEqual([7, 31])
})

test('what always fails becomes nothing, and what never fails again stays whole', async () => {
  expect(await shortened(list, async () => true, 1_000)).toEqual([])
  expect(await shortened(list, async () => false, 1_000)).toEqual(list)
})

test('it tries no more often than it may', async () => {
  let tries = 0
  const counted = async (shorter: readonly number[]) => {
    tries++
    return withBoth(shorter)
  }
  const shorter = await shortened(list, counted, 5)
  expect(tries).toBe(5)
  expect(await withBoth(shorter)).toBe(true)
})
