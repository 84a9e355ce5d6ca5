import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { least } from '../economy/money/mul-div.ts'
import { type ChainDemand, rankDemand } from './demand.ts'

const calm: ChainDemand = {
  ...{ chain: 'eth', charged: 1_250n, relayed: 1_000n, relayedPlain: 0n },
  ...{ asked: 100n, failedOrLate: 0n, nodes: 2n },
}
const of = (changes: Partial<ChainDemand>) => ({ ...calm, ...changes })

const amount = fc.bigInt({ min: 0n, max: 10n ** 24n })
const count = fc.bigInt({ min: 0n, max: 10n ** 12n })
const row: fc.Arbitrary<ChainDemand> = fc
  .record({ charged: amount, nodeRelayed: amount, relayedPlain: amount })
  .chain(({ charged, nodeRelayed, relayedPlain }) =>
    fc
      .record({ good: count, failedOrLate: count, nodes: fc.bigInt({ min: 0n, max: 50n }) })
      .map(({ good, failedOrLate, nodes }) => ({
        ...{ chain: '', charged, relayed: nodeRelayed + relayedPlain, relayedPlain },
        ...{ asked: good + failedOrLate, failedOrLate, nodes },
      })),
  )
const rows = fc
  .array(row, { minLength: 1, maxLength: 8 })
  .map((list) => list.map((one, at) => ({ ...one, chain: `chain-${at}` })))

function waitingOf(chains: readonly ChainDemand[], chain: string): bigint {
  return rankDemand(chains).find((found) => found.chain === chain)?.waiting ?? -1n
}

describe('what waits for a provider', () => {
  test('is nothing where nodes serve all of it well and have equal work', () => {
    expect(rankDemand([of({}), of({ chain: 'bsc' })])).toEqual([
      { chain: 'bsc', waiting: 0n, waitingPpm: 0n, cause: 'none' },
      { chain: 'eth', waiting: 0n, waitingPpm: 0n, cause: 'none' },
    ])
  })

  test.each([
    ['no-nodes', of({ nodes: 0n }), 1_000n],
    ['plain', of({ relayedPlain: 500n }), 500n],
    ['faults', of({ failedOrLate: 20n }), 200n],
  ] as const)('is named by its cause: %s', (cause, chain, waiting) => {
    expect(rankDemand([chain])[0]).toMatchObject({ cause, waiting, waitingPpm: waiting * 1_000n })
  })

  test('is work beyond what nodes of other chains have', () => {
    const ranked = rankDemand([
      of({ charged: 4_000n, relayed: 3_000n, nodes: 1n }),
      of({ chain: 'bsc', nodes: 3n }),
    ])
    expect(ranked[0]).toMatchObject({ chain: 'eth', cause: 'load', waiting: 2_000n })
  })

  test('is at most what was relayed and charged, and nothing where nothing was', () => {
    fc.assert(
      fc.property(rows, (chains) => {
        for (const { chain, waiting, waitingPpm } of rankDemand(chains)) {
          const { charged, relayed } = chains.find((found) => found.chain === chain) ?? calm
          expect(waiting >= 0n && waiting <= least(charged, relayed)).toBe(true)
          expect(waitingPpm >= 0n && waitingPpm <= 1_000_000n).toBe(true)
        }
      }),
    )
  })

  test('never rises with a node more, nor falls with more faults or plain relays', () => {
    fc.assert(
      fc.property(rows, fc.nat(7), amount, (chains, pick, more) => {
        const at = pick % chains.length
        const chosen = chains[at] ?? calm
        const withChanged = (changes: Partial<ChainDemand>) =>
          waitingOf(chains.with(at, { ...chosen, ...changes }), chosen.chain)
        const before = waitingOf(chains, chosen.chain)
        expect(withChanged({ nodes: chosen.nodes + 1n })).toBeLessThanOrEqual(before)
        const plain = chosen.relayed - chosen.relayedPlain
        const relayedPlain = chosen.relayedPlain + least(more, plain)
        expect(withChanged({ relayedPlain })).toBeGreaterThanOrEqual(before)
        expect(withChanged({ failedOrLate: chosen.asked })).toBeGreaterThanOrEqual(before)
      }),
    )
  })

  test('is ranked the same whatever the order of chains', () => {
    fc.assert(
      fc.property(rows, (chains) => {
        const ranked = rankDemand(chains)
        expect(rankDemand(chains.toReversed())).toEqual(ranked)
        const amounts = ranked.map(({ waiting }) => waiting)
        expect(amounts).toEqual(amounts.toSorted((one, other) => (one > other ? -1 : 1)))
      }),
    )
  })
})
