import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { aprOf, yearSeconds } from './apr.ts'

const day = 86_400n

test('a percent of stake in a hundredth of a year is 100 % a year', () => {
  const seconds = yearSeconds / 100n
  expect(aprOf([{ toDelegators: 10n, stake: 1_000n, seconds }])).toBe(1_000_000n)
})

test('an epoch in which stake earned nothing counts with its stake', () => {
  const seconds = yearSeconds / 100n
  const epochs = [
    { toDelegators: 10n, stake: 1_000n, seconds },
    { toDelegators: 0n, stake: 1_000n, seconds },
  ]
  expect(aprOf(epochs)).toBe(500_000n)
})

test('nothing is known without epochs or without stake', () => {
  expect(aprOf([])).toBeNull()
  expect(aprOf([{ toDelegators: 0n, stake: 0n, seconds: day }])).toBeNull()
})

test('no year at that rate brings more than was had', () => {
  const epoch = fc.record({
    toDelegators: fc.bigInt({ min: 0n, max: 10n ** 28n }),
    stake: fc.bigInt({ min: 1n, max: 10n ** 28n }),
    seconds: fc.bigInt({ min: 3_600n, max: 30n * day }),
  })
  fc.assert(
    fc.property(fc.array(epoch, { minLength: 1, maxLength: 12 }), (epochs) => {
      const apr = aprOf(epochs) ?? -1n
      const stakeSeconds = epochs.reduce((sum, { stake, seconds }) => sum + stake * seconds, 0n)
      const earned = epochs.reduce((sum, { toDelegators }) => sum + toDelegators, 0n)
      const promised = (apr * stakeSeconds) / (yearSeconds * 1_000_000n)
      expect(promised <= earned).toBe(true)
      expect(((apr + 1n) * stakeSeconds) / (yearSeconds * 1_000_000n) >= earned).toBe(true)
    }),
  )
})
