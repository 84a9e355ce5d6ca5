import { expect, test } from 'bun:test'
import { figuresTable } from './table.ts'

test('words stand left, figures right under each other', () => {
  const table = figuresTable(
    ['case', 'per s'],
    [
      ['long name', '7'],
      ['x', '1,234'],
    ],
  )
  expect(table).toBe('case       per s\nlong name      7\nx          1,234\n')
})
