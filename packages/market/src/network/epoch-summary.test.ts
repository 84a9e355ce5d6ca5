import { describe, expect, test } from 'bun:test'
import { keccak, smallInputs } from '../settlement/epoch.fixtures.ts'
import { createEpochFile } from '../settlement/epoch-file.ts'
import { qualityOfAll, summarizeEpoch } from './epoch-summary.ts'
import { missedReasonOf } from './missed.ts'

const file = createEpochFile(smallInputs, keccak)
const summary = summarizeEpoch(file)

describe('a summary', () => {
  test('has the sums of the file', () => {
    const available = 1_000n * 10n ** 18n
    expect(summary).toMatchObject({ number: 12n, firstEpoch: 11n })
    expect(summary.paid + summary.withheld).toBe(available)
    const amounts = file.data.payouts.filter(({ amount }) => amount > 0n)
    expect(amounts.map(({ providerId }) => summary.providers.get(providerId)?.earned)).toEqual(
      amounts.map(({ amount }) => amount),
    )
  })

  test('parts what nodes relayed from what plain upstreams did', () => {
    const eth = summary.chains.find(({ chain }) => chain === 'eth')
    expect(eth).toMatchObject({ charged: 3_000n, relayed: 2_400n, relayedByNodes: 2_200n })
    expect(eth).toMatchObject({ asked: 1_270n, failed: 10n, late: 4n })
    expect(eth?.nodes.get(5n)).toBe(1_000n)
  })

  test('leaves out who neither worked nor was paid', () => {
    expect([...summary.providers.keys()]).toEqual([1n, 2n])
  })
})

describe('quality of all chains', () => {
  const row = { chain: 'eth', asked: 1n, answered: 1n, failed: 0n, late: 0n }
  test('is weighed by what was relayed', () => {
    const work = [
      { ...row, credits: 300n, qualityPpm: 1_000_000n },
      { ...row, credits: 100n, qualityPpm: 0n },
    ]
    expect(qualityOfAll(work)).toBe(750_000n)
  })

  test('is not known of one that relayed nothing', () => {
    expect(qualityOfAll([{ ...row, credits: 0n, qualityPpm: 0n }])).toBeNull()
  })
})

describe('an epoch is missed', () => {
  const active = (activeSince: bigint, ...chains: string[]) => [{ activeSince, chains }]

  test('by an active node that nobody asked, on a chain that was asked for', () => {
    expect(missedReasonOf(summary, 3n, active(summary.from, 'eth'))).toBe('no-relays')
  })

  test('not by one that became active later, or serves what nobody asked for', () => {
    expect(missedReasonOf(summary, 3n, active(summary.from + 1n, 'eth'))).toBeNull()
    expect(missedReasonOf(summary, 3n, active(0n, 'fantom'))).toBeNull()
  })

  test('by quality 0, also where the node is gone', () => {
    const performance = smallInputs.performance.map((row) =>
      row.nodeId === 5n ? { ...row, asked: 1_000n, failed: 960n } : row,
    )
    const bad = summarizeEpoch(createEpochFile({ ...smallInputs, performance }, keccak))
    expect(missedReasonOf(bad, 2n, [])).toBe('no-quality')
    expect(missedReasonOf(bad, 1n, [])).toBeNull()
  })
})
