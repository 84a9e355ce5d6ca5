import { expect, test } from 'bun:test'
import { parseResidentMib } from './resident-memory.ts'

test('resident memory is read in mebibytes', () => {
  const status = 'Name:\tbun\nVmHWM:\t  80000 kB\nVmRSS:\t  51200 kB\nThreads:\t7\n'
  expect(parseResidentMib(status)).toBe(50)
})

test('a process without memory is refused', () => {
  expect(() => parseResidentMib('Name:\tkthreadd\n')).toThrow('not the status')
})
