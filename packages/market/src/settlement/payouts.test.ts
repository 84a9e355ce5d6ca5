import { describe, expect, test } from 'bun:test'
import { ppmScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { least, sumOf } from '../economy/money/mul-div.ts'
import { cumulated, type Earned, type PayoutInputs, payoutsOf } from './payouts.ts'

const amount = fc.bigInt({ min: 0n, max: 10n ** 30n })
const often = (value: bigint, other: fc.Arbitrary<bigint>) =>
  fc.oneof({ weight: 1, arbitrary: fc.constant(value) }, { weight: 4, arbitrary: other })

/** Epochs of every kind: chains nobody paid for, chains nobody relayed, upstreams that earn nothing, no quality. */
const inputs: fc.Arbitrary<PayoutInputs> = fc
  .record({
    available: often(0n, amount),
    chains: fc.array(
      fc.record({
        charged: often(0n, fc.bigInt({ min: 0n, max: 10n ** 15n })),
        plain: often(0n, fc.bigInt({ min: 0n, max: 10n ** 15n })),
        work: fc.uniqueArray(
          fc.record({
            providerId: fc.bigInt({ min: 1n, max: 8n }),
            credits: often(0n, fc.bigInt({ min: 0n, max: 10n ** 15n })),
            qualityPpm: fc.oneof(
              fc.constantFrom(0n, ppmScale),
              fc.bigInt({ min: 0n, max: ppmScale }),
            ),
          }),
          { selector: ({ providerId }) => providerId, maxLength: 6 },
        ),
      }),
      { maxLength: 5 },
    ),
  })
  .map(({ available, chains }) => ({
    available,
    served: chains.map(({ charged, plain, work }, at) => ({
      ...{ chain: `chain_${at}`, charged },
      relayed: plain + sumOf(work.map(({ credits }) => credits)),
    })),
    work: chains.flatMap(({ work }, at) => work.map((own) => ({ ...own, chain: `chain_${at}` }))),
  }))

describe('what an epoch pays', () => {
  test('is, with what is withheld and left, what was there to the unit', () => {
    fc.assert(
      fc.property(inputs, (epoch) => {
        const { amounts, withheld, left } = payoutsOf(epoch)
        expect(sumOf(amounts.values()) + withheld + left).toBe(epoch.available)
        expect([...amounts.values(), withheld, left].every((part) => part >= 0n)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  test('is no more than the exact part, and less by under a unit for each chain', () => {
    fc.assert(
      fc.property(inputs, (epoch) => {
        const { amounts } = payoutsOf(epoch)
        const charged = sumOf(epoch.served.map((row) => row.charged))
        for (const [providerId, paid] of amounts) {
          // Exact parts over one divisor, which is what all chains' divisors multiply to.
          const own = epoch.work.filter((work) => work.providerId === providerId)
          const relayedOf = (chain: string) =>
            epoch.served.find((row) => row.chain === chain)?.relayed || 1n
          const whole = epoch.served.reduce((product, { relayed }) => product * (relayed || 1n), 1n)
          const exact = sumOf(
            own.map(({ chain, credits, qualityPpm }) => {
              const row = epoch.served.find((one) => one.chain === chain)
              return (
                (epoch.available *
                  least(row?.charged ?? 0n, row?.relayed ?? 0n) *
                  credits *
                  qualityPpm *
                  whole) /
                relayedOf(chain)
              )
            }),
          )
          const divisor = charged * ppmScale * whole
          expect(paid * divisor <= exact).toBe(true)
          expect((paid + BigInt(own.length)) * divisor >= exact).toBe(true)
        }
      }),
    )
  })

  test('is for each credit relayed what there is for each one charged, and nothing for the cache', () => {
    const { amounts, withheld } = payoutsOf({
      available: 1_000n,
      served: [
        { chain: 'bsc', charged: 250n, relayed: 10n },
        { chain: 'eth', charged: 750n, relayed: 100n },
      ],
      work: [
        { providerId: 1n, chain: 'bsc', credits: 10n, qualityPpm: ppmScale },
        { providerId: 1n, chain: 'eth', credits: 20n, qualityPpm: 500_000n },
        { providerId: 2n, chain: 'eth', credits: 60n, qualityPpm: ppmScale },
      ],
    })
    // A fifth of what was relayed of eth was by an upstream that earns nothing.
    expect([...amounts]).toEqual([
      [1n, 10n + 10n],
      [2n, 60n],
    ])
    expect(withheld).toBe(920n)
  })

  test('is what was charged, where more was relayed', () => {
    const { amounts, withheld } = payoutsOf({
      available: 800n,
      served: [
        { chain: 'bsc', charged: 100n, relayed: 400n },
        { chain: 'eth', charged: 100n, relayed: 100n },
      ],
      work: [
        { providerId: 1n, chain: 'bsc', credits: 100n, qualityPpm: ppmScale },
        { providerId: 2n, chain: 'bsc', credits: 300n, qualityPpm: ppmScale },
        { providerId: 3n, chain: 'eth', credits: 100n, qualityPpm: ppmScale },
      ],
    })
    expect([...amounts.values(), withheld]).toEqual([100n, 300n, 400n, 0n])
  })

  test('never rises by more than its part of what more requests are charged, whoever relays them', () => {
    const ofFees = 800_000n
    fc.assert(
      fc.property(
        inputs,
        fc.bigInt({ min: 1n, max: 10n ** 15n }),
        fc.integer({ min: 0, max: 1_000 }),
        (epoch, credits, relayedParts) => {
          // Gateways relay nothing that they do not charge; the rest comes out of a cache.
          const served = epoch.served.map((row) => ({ ...row, charged: row.charged + row.relayed }))
          const [chain] = served
          if (chain === undefined) return
          const own = (credits * BigInt(relayedParts)) / 1_000n
          const fundedBy = (charged: bigint) => (charged * ofFees * 10n ** 12n) / ppmScale
          const all = sumOf(served.map(({ charged }) => charged))
          const before = payoutsOf({ ...epoch, served, available: fundedBy(all) })
          const after = payoutsOf({
            available: fundedBy(all + credits),
            served: served.with(0, {
              ...{ chain: chain.chain, charged: chain.charged + credits },
              relayed: chain.relayed + own,
            }),
            work: [
              ...epoch.work,
              { providerId: 99n, chain: chain.chain, credits: own, qualityPpm: ppmScale },
            ],
          })
          const room = BigInt(served.length)
          expect((after.amounts.get(99n) ?? 0n) <= fundedBy(credits) + room).toBe(true)
          // And whoever worked has what it had, to the rounding.
          for (const [providerId, amount] of before.amounts) {
            const now = after.amounts.get(providerId) ?? 0n
            const difference = now > amount ? now - amount : amount - now
            expect(difference <= 2n * room).toBe(true)
          }
        },
      ),
    )
  })

  test('is nothing of a chain that nobody relayed, which the treasury has', () => {
    const served = [{ chain: 'eth', charged: 5n, relayed: 0n }]
    expect(payoutsOf({ available: 9n, served, work: [] })).toMatchObject({ withheld: 9n, left: 0n })
  })

  test('stays for the next epoch when nothing was charged', () => {
    const served = [{ chain: 'eth', charged: 0n, relayed: 7n }]
    const work = [{ providerId: 1n, chain: 'eth', credits: 7n, qualityPpm: ppmScale }]
    expect(payoutsOf({ available: 9n, served, work })).toEqual({
      ...{ amounts: new Map(), withheld: 0n, left: 9n },
    })
  })
})

test('sums over epochs never fall, keep who left, and are in the order of providers', () => {
  const before: Earned[] = [
    { providerId: 2n, cumulative: 5n },
    { providerId: 9n, cumulative: 7n },
  ]
  const amounts = new Map([
    [10n, 1n],
    [2n, 3n],
  ])
  expect(cumulated(before, amounts)).toEqual([
    { providerId: 2n, amount: 3n, cumulative: 8n },
    { providerId: 9n, amount: 0n, cumulative: 7n },
    { providerId: 10n, amount: 1n, cumulative: 1n },
  ])
})
