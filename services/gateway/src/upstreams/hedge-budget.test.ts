import { expect, test } from 'bun:test'
import { HedgeBudget } from './hedge-budget.ts'

test('when every request is late, about one in five is raced once the savings are spent', () => {
  const budget = new HedgeBudget()
  let raced = 0
  for (let at = 0; at < 10_000; at++) {
    budget.earn()
    if (budget.take()) raced++
  }
  expect(raced).toBeGreaterThan(2_000)
  expect(raced).toBeLessThanOrEqual(2_100)
})
