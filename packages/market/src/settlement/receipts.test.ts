import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { hashOf, receiptOf } from './epoch.fixtures.ts'
import { accumulatorOf, problemsOfNext, problemsOfReceipt, type Receipt } from './receipts.ts'

const gateway = receiptOf({ at: 1, nodeId: 1n, chain: 'eth', gateway: '0x' }, 1n).gateway
const first = receiptOf({ at: 1, nodeId: 1n, chain: 'eth', gateway }, 500n)

const windows = fc.array(
  fc.record({
    relays: fc.bigInt({ min: 1n, max: 100n }),
    credits: fc.bigInt({ min: 0n, max: 10n ** 9n }),
    root: fc.nat({ max: 2 ** 31 }),
  }),
  { minLength: 1, maxLength: 20 },
)

/** Receipts of one series, each window after the other. */
function seriesOf(all: { relays: bigint; credits: bigint; root: number }[]): Receipt[] {
  const series: Receipt[] = []
  for (const { relays, credits, root } of all) {
    const before = series.at(-1)
    const windowRoot = hashOf(root)
    series.push({
      ...first,
      ...{ relays, credits, windowRoot, number: (before?.number ?? 0n) + 1n },
      relaysSum: (before?.relaysSum ?? 0n) + relays,
      creditsSum: (before?.creditsSum ?? 0n) + credits,
      accumulator: accumulatorOf(before?.accumulator, windowRoot),
    })
  }
  return series
}

describe('receipts', () => {
  test('that follow each other are a series, and each may be its last', () => {
    fc.assert(
      fc.property(windows, (all) => {
        const series = seriesOf(all)
        for (const [at, receipt] of series.entries()) {
          expect(problemsOfNext(series[at - 1], receipt)).toEqual([])
          expect(problemsOfReceipt(receipt)).toEqual([])
        }
      }),
    )
  })

  test('that leave one out, stand still, go back or change anything on the way are none', () => {
    fc.assert(
      fc.property(windows, (all) => {
        const series = seriesOf(all)
        const [last, before] = [series.at(-1), series.at(-2)]
        if (last === undefined) return
        expect(problemsOfNext(last, last).map(({ member }) => member)).toContain('number')
        if (before === undefined) return
        expect(problemsOfNext(series.at(-3), last)).not.toEqual([])
        const changes: Partial<Receipt>[] = [
          { relaysSum: last.relaysSum + 1n },
          { creditsSum: last.creditsSum - 1n },
          { accumulator: hashOf(9) },
          { windowRoot: hashOf(2 ** 31 + 1) },
          { tariff: hashOf(8) },
          { nodeId: 2n },
          { epoch: 13n },
        ]
        for (const change of changes) {
          expect(problemsOfNext(before, { ...last, ...change })).not.toEqual([])
        }
      }),
    )
  })

  test.each([
    [{ relays: 0n, relaysSum: 0n }, 'relays'],
    [{ relays: 1_025n, relaysSum: 1_025n }, 'relays'],
    [{ relaysSum: 81n }, 'relaysSum'],
    [{ creditsSum: 499n }, 'creditsSum'],
    [{ accumulator: hashOf(1) }, 'accumulator'],
    [{ number: 0n }, 'number'],
    [{ number: 3n, relaysSum: 81n }, 'relaysSum'],
    [{ number: 3n, relaysSum: 2_129n }, 'relaysSum'],
    [{ number: 3n, relaysSum: 200n, creditsSum: 499n }, 'creditsSum'],
  ] as const)('one with %p cannot be the last of any series', (change, member) => {
    const problems = problemsOfReceipt({ ...first, ...change })
    expect(problems.map((problem) => problem.member)).toContain(member)
  })
})
