import { expect, test } from 'bun:test'
import { describeFaults, type Faults, FaultsError, healthy, parseFaults } from './faults.ts'

test('a part of the faults is taken as it is', () => {
  const change = { lagBlocks: 20, failRatio: 0.5, lie: 'head', pruneBelowBlock: null }
  expect(parseFaults(change)).toEqual(change as typeof healthy)
  expect(parseFaults(healthy)).toEqual(healthy)
})

test('everything that is wrong is named at once', () => {
  expect(() => parseFaults({ lagBlocks: -1, failRatio: 2, lag: 3, stall: 'yes' })).toThrow(
    /lagBlocks.*failRatio.*no fault `lag`.*stall.*true or false/,
  )
})

test('each fault is described, with the value at which it is none', () => {
  const described = describeFaults()
  expect(described.map(({ name }) => name).sort()).toEqual(Object.keys(healthy).sort())
  expect(described.find(({ name }) => name === 'lie')).toEqual({
    name: 'lie',
    meaning: 'What it says that is not so.',
    allowed: 'one of none, balance, head, logs, amounts',
    values: expect.objectContaining({ balance: 'balances are one ether too high' }),
    healthy: 'none',
  })
  const allNone = Object.fromEntries(described.map(({ name, healthy: none }) => [name, none]))
  expect(parseFaults(allNone)).toEqual(healthy)
})

const oddValues = [null, -1, 0.5, 2, 1e300, '', 'html', true, [], {}, ['none'], Number.NaN]

test('an odd value for any fault is taken by its rule or refused with a FaultsError', () => {
  for (const name of Object.keys(healthy)) {
    for (const value of oddValues) {
      try {
        expect(parseFaults({ [name]: value })).toEqual({ [name]: value } as Partial<Faults>)
      } catch (error) {
        expect(error).toBeInstanceOf(FaultsError)
      }
    }
  }
})

test('what is no object of faults is refused', () => {
  for (const value of [...oddValues.filter((odd) => !isPlain(odd)), undefined, { toString: 1 }]) {
    expect(() => parseFaults(value)).toThrow(FaultsError)
  }
})

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
