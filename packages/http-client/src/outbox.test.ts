import { expect, test } from 'bun:test'
import { Outbox } from './outbox.ts'

test('what is to be written is written in its order, after the present round', async () => {
  const outbox = new Outbox()
  const written: string[] = []
  for (const name of ['a', 'b']) outbox.add({ flush: () => void written.push(name) })
  expect(written).toEqual([])
  await Bun.sleep(1)
  expect(written).toEqual(['a', 'b'])
})

test('one that is added while others are written has its turn in the next round', async () => {
  const outbox = new Outbox()
  const written: string[] = []
  outbox.add({
    flush() {
      outbox.add({ flush: () => void written.push('next') })
      written.push('first')
    },
  })
  await Bun.sleep(5)
  expect(written).toEqual(['first', 'next'])
})
