import { expect, test } from 'bun:test'
import { cpuSecondsOf, parseBusySeconds, parseProcessStat } from './cpu-time.ts'

const tail = 'S 1 2 2 0 -1 4194560 100 0 0 0 250 50 30 20 20 0 7 0 12345 1000 200'

test('the times stand behind the name, whatever the name holds', () => {
  for (const name of ['bun', 'a b', 'a) S 1 (b', ')']) {
    const stat = parseProcessStat(`77 (${name}) ${tail}\n`)
    expect(stat).toEqual({ name, ownTicks: 300, reapedTicks: 50 })
  }
})

test('anything else is refused', () => {
  for (const text of ['', '77 (bun) S 1', 'no such process']) {
    expect(() => parseProcessStat(text)).toThrow('not a process stat')
  }
})

test('the time of this very process is told, and that of none is not', async () => {
  expect(await cpuSecondsOf(process.pid)).toBeGreaterThan(0)
  expect(cpuSecondsOf(2 ** 30)).rejects.toThrow()
})

test('a processor is busy with all but waiting', () => {
  const text =
    'cpu  9 9 9 9 9 9 9 9 0 0\ncpu0 100 10 50 9000 800 1 20 19 0 0\ncpu1 0 0 0 5 0 0 0 0 0 0\n'
  expect(parseBusySeconds(text, 0)).toBe(2)
  expect(parseBusySeconds(text, 1)).toBe(0)
  expect(() => parseBusySeconds(text, 2)).toThrow('no processor 2')
})
