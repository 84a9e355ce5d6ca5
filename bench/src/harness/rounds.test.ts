import { expect, test } from 'bun:test'
import { inRounds } from './rounds.ts'

test('rounds are interleaved and each thing keeps its own results', async () => {
  const order: string[] = []
  const measured = await inRounds(['a', 'b'], 3, async (thing, round) => {
    order.push(thing)
    return `${thing}${round}`
  })
  expect(order.join(' ')).toBe('a b a b a b')
  expect(measured.get('b')).toEqual(['b0', 'b1', 'b2'])
})
