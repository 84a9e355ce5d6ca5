import { expect, test } from 'bun:test'
import { paintFor } from './paint.ts'
import { type Column, formatTable } from './table.ts'

const columns: Column[] = [
  { title: 'NAME', align: 'left' },
  { title: 'SCORE', align: 'right' },
  { title: 'WHY', align: 'left' },
]
const terminal = { write: () => undefined, isTerminal: true, size: () => undefined }

test('columns line up, whatever the colours and the width of the characters', () => {
  const paint = paintFor({ stdout: terminal, env: {} })
  const table = formatTable(columns, [
    ['alpha/one', paint('green', '9.8'), ''],
    ['鯨/two', '10.0', 'slow'],
  ])
  expect(Bun.stripANSI(table)).toBe(
    'NAME       SCORE  WHY\nalpha/one    9.8\n鯨/two      10.0  slow\n',
  )
})

test('colours are for terminals that did not decline them', () => {
  const red = (world: Parameters<typeof paintFor>[0]) => paintFor(world)('red', 'x')
  expect(red({ stdout: terminal, env: {} })).toBe('\u001b[31mx\u001b[39m')
  expect(red({ stdout: terminal, env: { NO_COLOR: '1' } })).toBe('x')
  expect(red({ stdout: terminal, env: { TERM: 'dumb' } })).toBe('x')
  expect(red({ stdout: { ...terminal, isTerminal: false }, env: {} })).toBe('x')
})
