import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import {
  type EpochClock,
  epochAt,
  epochStart,
  startClock,
  stretched,
  withoutStretch,
} from './epoch-clock.ts'

const lengths = fc.bigInt({ min: 1n, max: 50n })

/** A clock whose epochs change their length now and then. */
const clocks = fc
  .record({
    start: fc.bigInt({ min: 0n, max: 1_000n }),
    first: lengths,
    later: fc.array(fc.record({ epochs: fc.bigInt({ min: 1n, max: 5n }), length: lengths }), {
      maxLength: 4,
    }),
  })
  .map(({ start, first, later }) => {
    let fromEpoch = 0n
    return later.reduce<EpochClock>(
      (clock, { epochs, length }) => {
        fromEpoch += epochs
        return stretched(clock, fromEpoch, length)
      },
      startClock(start, first),
    )
  })
const epochs = fc.bigInt({ min: 0n, max: 40n })

describe('the clock of epochs', () => {
  test('an epoch begins at its start, and one second before it is the one before', () => {
    fc.assert(
      fc.property(clocks, epochs, (clock, epoch) => {
        const start = epochStart(clock, epoch)
        expect(epochAt(clock, start)).toBe(epoch)
        if (epoch > 0n) expect(epochAt(clock, start - 1n)).toBe(epoch - 1n)
      }),
    )
  })

  test('never steps back, and never by more than one epoch a second', () => {
    fc.assert(
      fc.property(clocks, fc.bigInt({ min: 0n, max: 500n }), (clock, after) => {
        const at = clock[0].start + after
        const step = epochAt(clock, at + 1n) - epochAt(clock, at)
        expect(step === 0n || step === 1n).toBe(true)
      }),
    )
  })

  test('a change of length moves no epoch up to the one it begins with', () => {
    fc.assert(
      fc.property(clocks, lengths, fc.bigInt({ min: 1n, max: 20n }), (clock, length, ahead) => {
        const fromEpoch = clock[clock.length - 1]!.fromEpoch + ahead
        const longer = stretched(clock, fromEpoch, length)
        for (let epoch = 0n; epoch <= fromEpoch; epoch++) {
          expect(epochStart(longer, epoch)).toBe(epochStart(clock, epoch))
        }
        expect(withoutStretch(longer, fromEpoch)).toEqual(clock)
      }),
    )
  })

  test('knows nothing of the time before it started', () => {
    expect(() => epochAt(startClock(10n, 5n), 9n)).toThrow('ParamStoreBeforeStart')
    expect(epochAt(startClock(10n, 5n), 10n)).toBe(0n)
  })
})
