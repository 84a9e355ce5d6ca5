import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type ServingRule, type StakedProvider, servingNodes, stakeTimesOf } from './serving.ts'

const rule: ServingRule = { selfStakePerNode: 100n, nowSeconds: 1_000n }
const provider: StakedProvider = {
  providerId: 1n,
  activeNodeIds: [4n, 2n, 9n],
  selfStake: 300n,
  countedDelegation: 0n,
  jailedUntilSeconds: 0n,
}

const anyProvider: fc.Arbitrary<StakedProvider> = fc.record({
  providerId: fc.constant(1n),
  activeNodeIds: fc.uniqueArray(fc.bigInt({ min: 1n, max: 99n }), { maxLength: 20 }),
  selfStake: fc.bigInt({ min: 0n, max: 10n ** 30n }),
  countedDelegation: fc.bigInt({ min: 0n, max: 10n ** 30n }),
  jailedUntilSeconds: fc.bigInt({ min: 0n, max: 2_000n }),
})
const anyRule: fc.Arbitrary<ServingRule> = fc.record({
  selfStakePerNode: fc.bigInt({ min: 1n, max: 10n ** 24n }),
  nowSeconds: fc.bigInt({ min: 0n, max: 2_000n }),
})

describe('nodes that may be sent requests', () => {
  test('are all that are active, while own stake covers them', () => {
    expect(servingNodes(provider, rule)).toEqual([4n, 2n, 9n])
  })

  test('are the oldest ones where it covers fewer, whatever is delegated', () => {
    const short = { ...provider, selfStake: 299n, countedDelegation: 10_000n }
    expect(servingNodes(short, rule)).toEqual([4n, 2n])
    expect(servingNodes({ ...provider, selfStake: 99n }, rule)).toEqual([])
  })

  test('are none while the provider is in jail, which ends by itself', () => {
    expect(servingNodes({ ...provider, jailedUntilSeconds: 1_001n }, rule)).toEqual([])
    expect(servingNodes({ ...provider, jailedUntilSeconds: 1_000n }, rule)).toHaveLength(3)
  })

  test('never need more stake than there is, and are the first of those that are active', () => {
    fc.assert(
      fc.property(anyProvider, anyRule, (seen, by) => {
        const serving = servingNodes(seen, by)
        expect(BigInt(serving.length) * by.selfStakePerNode <= seen.selfStake).toBe(true)
        expect(serving).toEqual(seen.activeNodeIds.slice(0, serving.length))
      }),
    )
  })
})

describe('how many times the least stake is behind a node', () => {
  test('counts own and delegated stake, for each active node', () => {
    expect(stakeTimesOf(provider, rule)).toBe(1)
    expect(stakeTimesOf({ ...provider, countedDelegation: 150n }, rule)).toBe(1.5)
    expect(stakeTimesOf({ ...provider, activeNodeIds: [4n] }, rule)).toBe(3)
  })

  test('is a number whatever the amounts, and never falls when stake is added', () => {
    fc.assert(
      fc.property(
        anyProvider,
        anyRule,
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        (seen, by, more) => {
          const times = stakeTimesOf(seen, by)
          expect(times >= 0 && times <= 1_000_000).toBe(true)
          const richer = { ...seen, countedDelegation: seen.countedDelegation + more }
          expect(stakeTimesOf(richer, by)).toBeGreaterThanOrEqual(times)
        },
      ),
    )
  })
})
