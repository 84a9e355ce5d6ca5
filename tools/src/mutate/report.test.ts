import { expect, test } from 'bun:test'
import { idOf, mutantsOf } from './mutants.ts'
import { fairOrder, survivorsOf, type Trial, tallyOf } from './report.ts'

const text = `contract A {
    function go() external {
        if (a < b) c++;
        if (d < e) f++;
    }
}
`
const mutants = mutantsOf('A.sol', text)
const survived: Trial = { fate: 'survived', by: 'nobody', seconds: 1 }
const killed: Trial = { fate: 'killed', by: 'unit tests', seconds: 1 }

test('a survivor is listed until it is explained', () => {
  const [first, second] = mutants.filter(({ operator }) => operator === 'border moved')
  if (first === undefined || second === undefined) throw new Error('there are two borders')
  const trials = { [idOf(first)]: survived, [idOf(second)]: killed }
  expect(survivorsOf(mutants, trials, [])).toEqual([first])
  expect(survivorsOf(mutants, trials, [{ ...first, reason: 'both sides are the same' }])).toEqual(
    [],
  )
  const borders = tallyOf(mutants, trials, [{ ...first, reason: 'same' }]).find(
    ({ operator }) => operator === 'border moved',
  )
  expect(borders).toEqual({
    operator: 'border moved',
    of: 2,
    killed: 1,
    survived: 0,
    invalid: 0,
    explained: 1,
  })
})

test('the beginning of the order has each operator in its proportion, and is the same every time', () => {
  const order = fairOrder(mutants)
  expect(new Set(order.slice(0, order.length / 2).map(({ operator }) => operator)).size).toBe(
    new Set(mutants.map(({ operator }) => operator)).size,
  )
  expect(fairOrder(mutants.toReversed())).toEqual(order)
})
