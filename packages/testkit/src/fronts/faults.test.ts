import { expect, test } from 'bun:test'
import { type Faults, FaultsError, healthy, parseFaults } from './faults.ts'

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
