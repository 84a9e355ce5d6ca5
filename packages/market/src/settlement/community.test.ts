import { describe, expect, test } from 'bun:test'
import { ppmScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { least, most, sumOf } from '../economy/money/mul-div.ts'
import {
  type CanaryResult,
  type CommunityNode,
  type CommunityRule,
  communityPayOf,
  defaultCommunityRule,
} from './community.ts'
import { addressOf } from './epoch.fixtures.ts'

const token = 10n ** 18n
const rule: CommunityRule = { ...defaultCommunityRule, cap: 1_000n * token }
const nodes: CommunityNode[] = [1n, 2n, 3n, 4n, 5n, 6n].map((nodeId) => ({
  ...{ nodeId, providerId: (nodeId + 1n) / 2n },
}))

/** What auditors found of a node on one chain, each by its part that passed, of a thousand. */
const found = (nodeId: bigint, passes: readonly bigint[], chain = 'eth'): CanaryResult[] =>
  passes.map((passed, at) => ({
    ...{ auditor: addressOf(at + 1), nodeId, chain, sent: 1_000n, passed },
  }))

const results = fc
  .uniqueArray(
    fc.record({
      auditor: fc.integer({ min: 1, max: 5 }).map(addressOf),
      nodeId: fc.bigInt({ min: 1n, max: 8n }),
      chain: fc.constantFrom('eth', 'bsc'),
      sent: fc.bigInt({ min: 0n, max: 1_000n }),
      failing: fc.bigInt({ min: 0n, max: 100n }),
    }),
    { selector: ({ auditor, nodeId, chain }) => `${auditor} ${nodeId} ${chain}`, maxLength: 60 },
  )
  .map((rows) =>
    rows.map(({ failing, ...row }) => ({
      ...row,
      passed: row.sent - (row.sent * failing) / 1_000n,
    })),
  )
const rules: fc.Arbitrary<CommunityRule> = fc.record({
  cap: fc.bigInt({ min: 0n, max: 10n ** 26n }),
  providerMaxPpm: fc.bigInt({ min: 0n, max: ppmScale }),
  probesMin: fc.bigInt({ min: 0n, max: 300n }),
  auditorsMin: fc.bigInt({ min: 1n, max: 4n }),
  passFloorPpm: fc.bigInt({ min: 0n, max: ppmScale }),
})

describe('what the treasury pays for community traffic', () => {
  test('is, with what is not spent, the cap to the unit, and no provider has more than its most', () => {
    fc.assert(
      fc.property(results, rules, (some, terms) => {
        const { amounts, unspent } = communityPayOf(nodes, some, terms)
        expect(sumOf(amounts.values()) + unspent).toBe(terms.cap)
        const limit = (terms.cap * terms.providerMaxPpm) / ppmScale
        expect([...amounts.values()].every((amount) => amount >= 0n && amount <= limit)).toBe(true)
        expect(unspent >= 0n).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('is the same for ten times as many canaries, in whatever order they are told', () => {
    fc.assert(
      fc.property(results, fc.bigInt({ min: 1n, max: 1_000n }), (some, times) => {
        const enough = some.filter(({ sent }) => sent >= rule.probesMin)
        const more = enough.map((one) => ({
          ...{ ...one, sent: one.sent * times, passed: one.passed * times },
        }))
        const before = communityPayOf(nodes, enough, rule)
        const after = communityPayOf(nodes, more.toReversed(), rule)
        const sorted = ({ amounts }: typeof before) => [...amounts].sort()
        expect(sorted(after)).toEqual(sorted(before))
      }),
    )
  })

  test('is decided by no auditor alone', () => {
    const honest = fc.array(fc.bigInt({ min: 0n, max: 1_000n }), { minLength: 2, maxLength: 6 })
    fc.assert(
      fc.property(honest, fc.bigInt({ min: 0n, max: 1_000n }), (passes, lie) => {
        const others = found(3n, [990n, 990n, 990n])
        const payOf = (said: readonly bigint[]) => {
          const all = [...found(1n, said), ...others]
          return communityPayOf(nodes, all, { ...rule, providerMaxPpm: ppmScale }).amounts.get(1n)
        }
        const [low, high] = [least(...pair(passes)), most(...pair(passes))]
        const paid = payOf([...passes, lie]) ?? 0n
        expect(paid >= (payOf([low, low, low]) ?? 0n)).toBe(true)
        expect(paid <= (payOf([high, high, high]) ?? 0n)).toBe(true)
      }),
    )
  })

  test('is by the part that passed, of nodes whose providers have opted in', () => {
    const pay = communityPayOf(
      nodes,
      [
        ...found(1n, [1_000n, 1_000n, 1_000n]),
        ...found(1n, [960n, 960n, 0n], 'bsc'),
        // Below the floor, too few auditors, and of nobody who has opted in.
        ...found(3n, [940n, 940n, 1_000n]),
        ...found(4n, [1_000n, 1_000n]),
        ...found(5n, [980n, 980n, 980n]),
        ...found(9n, [1_000n, 1_000n, 1_000n]),
      ],
      { ...rule, providerMaxPpm: 600_000n },
    )
    // 1.96 and 0.98: two thirds, of which 60 % is the most, and one third.
    expect([...pay.amounts]).toEqual([
      [1n, 600n * token],
      [3n, (1_000n * token) / 3n],
    ])
    expect(pay.unspent).toBe(1_000n * token - 600n * token - (1_000n * token) / 3n)
  })

  test('is nothing without results, without a bucket, and of canaries that are too few', () => {
    expect(communityPayOf(nodes, [], rule)).toEqual({ amounts: new Map(), unspent: rule.cap })
    const good = found(1n, [1_000n, 1_000n, 1_000n])
    expect(communityPayOf(nodes, good, { ...rule, cap: 0n }).amounts.get(1n)).toBe(0n)
    const few = good.map((one) => ({ ...one, sent: 49n, passed: 49n }))
    expect(communityPayOf(nodes, few, rule).unspent).toBe(rule.cap)
    // An auditor that is told twice is one.
    const twice = [...found(1n, [1_000n, 1_000n]), ...found(1n, [1_000n, 1_000n])]
    expect(communityPayOf(nodes, twice, rule).unspent).toBe(rule.cap)
  })

  test('cannot be made of more that passed than was sent', () => {
    const impossible = found(1n, [1_001n])
    expect(() => communityPayOf(nodes, impossible, rule)).toThrow('1001 of 1000 canaries')
  })
})

function pair(values: readonly bigint[]): [bigint, ...bigint[]] {
  const [first = 0n, ...rest] = values
  return [first, ...rest]
}
