import { expect, test } from 'bun:test'
import { Finality } from './finality.ts'

const capped = (blockNumber: number) => ({ state: 'attested-capped', blockNumber }) as const
const final = (blockNumber: number) => ({ state: 'final', blockNumber }) as const

test('what is known not to be final is the lowest that was found so', () => {
  const finality = new Finality()
  expect(finality.unfinalBlock).toBeUndefined()
  for (const block of [30, 20, 25]) finality.observe(capped(block))
  expect(finality.unfinalBlock).toBe(20)
  finality.observe({ state: 'confirming', blockNumber: 10 })
  finality.observe({ state: 'seen', blockNumber: null })
  expect(finality.unfinalBlock).toBe(20)
})

test('nothing is known any more once finality has gone on, which an older deposit does not tell', () => {
  const finality = new Finality()
  finality.observe(capped(20))
  finality.observe(final(20))
  expect(finality.unfinalBlock).toBeUndefined()
  finality.observe(capped(40))
  finality.observe(final(7))
  expect(finality.unfinalBlock).toBe(40)
})
