import { expect, test } from 'bun:test'
import { Deadlines } from './deadlines.ts'

const clock = { nowMs: () => performance.now() }

test('deadlines expire in their order, never early', async () => {
  const deadlines = new Deadlines(clock)
  const startMs = clock.nowMs()
  const expired: { name: string; afterMs: number }[] = []
  const note = (name: string) => () => expired.push({ name, afterMs: clock.nowMs() - startMs })
  deadlines.add(startMs + 60, note('late'))
  deadlines.add(startMs + 20, note('early'))
  deadlines.add(startMs - 5, note('past'))
  await Bun.sleep(120)
  expect(expired.map(({ name }) => name)).toEqual(['past', 'early', 'late'])
  expect(expired[1]?.afterMs).toBeGreaterThanOrEqual(20)
  expect(expired[2]?.afterMs).toBeGreaterThanOrEqual(60)
})

test('deadlines that come due in one round expire in their order too', async () => {
  let nowMs = 0
  const deadlines = new Deadlines({ nowMs: () => nowMs })
  const expired: string[] = []
  for (const [atMs, name] of [
    [60, 'late'],
    [20, 'early'],
    [5, 'first'],
    [60, 'last'],
  ] as const) {
    deadlines.add(atMs, () => expired.push(name))
  }
  nowMs = 100
  await Bun.sleep(80)
  expect(expired).toEqual(['first', 'early', 'late', 'last'])
})

test('a removed deadline does not expire, nor does any after closing', async () => {
  const deadlines = new Deadlines(clock)
  const expired: string[] = []
  const removed = deadlines.add(clock.nowMs() + 10, () => expired.push('removed'))
  deadlines.remove(removed)
  deadlines.remove(removed)
  const sibling = deadlines.add(clock.nowMs() + 20, () => {
    expired.push('sibling')
    deadlines.close()
  })
  deadlines.add(clock.nowMs() + 40, () => expired.push('closed'))
  await Bun.sleep(80)
  deadlines.remove(sibling)
  expect(expired).toEqual(['sibling'])
})

test('one that expires may remove another that is due at the same moment, or close all', async () => {
  const expired: string[] = []
  const removing = new Deadlines(clock)
  const atMs = clock.nowMs() + 10
  removing.add(atMs, () => {
    expired.push('first')
    removing.remove(second)
  })
  const second = removing.add(atMs, () => expired.push('second'))
  const closing = new Deadlines(clock)
  closing.add(atMs, () => {
    expired.push('last')
    closing.close()
  })
  closing.add(atMs, () => expired.push('closed'))
  await Bun.sleep(60)
  expect(expired.toSorted()).toEqual(['first', 'last'])
})

test('one that expires may add another', async () => {
  const deadlines = new Deadlines(clock)
  const { promise, resolve } = Promise.withResolvers<string>()
  deadlines.add(clock.nowMs() + 5, () => {
    deadlines.add(clock.nowMs() + 5, () => resolve('second'))
  })
  expect(await promise).toBe('second')
})
