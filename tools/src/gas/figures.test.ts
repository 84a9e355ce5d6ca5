import { expect, test } from 'bun:test'
import { figuresIn } from './figures.ts'

test('a figure is what follows the word, its name may have spaces', () => {
  const output = '[PASS] test_A() (gas: 12)\nLogs:\n  gas stake, first 223219\n  gas slash 1\n'
  expect(figuresIn(output)).toEqual({ 'stake, first': 223_219, slash: 1 })
})
