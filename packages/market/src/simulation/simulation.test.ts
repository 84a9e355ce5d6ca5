import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { ppmScale } from '@mooring/protocol/units'
import fc from 'fast-check'
import { least, sumOf } from '../economy/money/mul-div.ts'
import { brokenRules } from '../economy/parameters/rules.ts'
import { parameterSheet, valuesOf } from '../economy/parameters/sheet.ts'
import { ankr, networkOf } from './network.ts'
import { play } from './play.ts'
import { byBoth, byOneAlone } from './strategies/inventing.ts'
import { hiding } from './strategies/quality.ts'
import { whenFeesAreLate, withOldCredits } from './strategies/timing.ts'
import { atDiscount, ofTheCache, toItself } from './strategies/washing.ts'
import { losing } from './strategies.ts'
import { type Terms, tryOut } from './strategy.ts'

// Room for a slow machine.
setDefaultTimeout(60_000)

/** `MOORING_SIMULATION_SEEDS` plays as many networks; two are played without it. */
const count = Number(process.env.MOORING_SIMULATION_SEEDS ?? 2)
const seeds = Array.from({ length: count }, (_, at) => at + 1)
const values = valuesOf(parameterSheet)
const first: Terms = { seed: 1, values }

describe('earns less than honest work:', () => {
  test.each(losing.map(({ name, attempts }) => [name, attempts] as const))(
    '%s',
    (_name, attempts) => {
      for (const attempt of seeds.flatMap((seed) => attempts({ seed, values }))) {
        const { how, honest, cheat } = tryOut(attempt)
        // What is invented by one costs it nothing, and brings it nothing.
        const isFree = attempts === byOneAlone.attempts
        expect([how, isFree ? cheat <= honest : cheat < honest]).toEqual([how, true])
      }
    },
  )
})

test('what all are paid, with what is withheld, is providers’ part of what all have spent', () => {
  for (const { honest, cheat } of [...toItself.attempts(first), ...byBoth.attempts(first)]) {
    for (const scenario of [honest, cheat]) {
      const { earned, withheld, funded, spent } = play(scenario)
      expect(sumOf(earned.values()) + withheld).toBe(funded)
      const all = sumOf(spent.values())
      // What a split of a fee rounds is the providers’, charge by charge.
      expect(funded - (all * values.FeeProvidersPpm) / ppmScale).toBeLessThan(1_000n)
    }
  }
})

test('the same seed plays the same network, and another one another', () => {
  const [one, again, other] = [1, 1, 2].map((seed) => play(networkOf({ seed, values })).earned)
  expect(one).toEqual(again!)
  expect(one).not.toEqual(other!)
})

/** Any split and discount that the contract takes. */
const allowed = fc
  .record({
    providers: fc.bigInt(bounds('FeeProvidersPpm')),
    discount: fc.bigInt(bounds('AnkrDiscountPpm')),
  })
  .map(({ providers, discount }) => {
    const rest = ppmScale - providers
    const treasury = least(rest, parameterSheet.FeeTreasuryPpm.max)
    return {
      ...{ ...values, FeeProvidersPpm: providers, AnkrDiscountPpm: discount },
      ...{ FeeTreasuryPpm: treasury, FeeGrantsPpm: rest - treasury },
      ...{ FeeAuditorsPpm: 0n, FeeProtectionPpm: 0n, FeeBurnPpm: 0n },
    }
  })

test('no split and no discount that the contract takes lets requests to oneself gain', () => {
  fc.assert(
    fc.property(allowed, fc.nat(), (changed, seed) => {
      fc.pre(brokenRules(changed).length === 0)
      const terms = { seed, values: changed }
      const all = [toItself, ofTheCache, atDiscount].flatMap(({ attempts }) => attempts(terms))
      const attempt = all[seed % all.length]!
      const { honest, cheat } = tryOut(attempt)
      expect(cheat).toBeLessThan(honest)
    }),
    {
      numRuns: 12,
      examples: [
        [edge(), 4],
        [edge(), 10],
      ],
    },
  )
})

/** As near to where requests to oneself pay as the rule lets it come. */
function edge() {
  const [providers, treasury] = [909_090n, 90_910n]
  const none = { FeeGrantsPpm: 0n, FeeAuditorsPpm: 0n, FeeProtectionPpm: 0n, FeeBurnPpm: 0n }
  return { ...values, ...none, FeeProvidersPpm: providers, FeeTreasuryPpm: treasury }
}

function bounds(name: keyof typeof parameterSheet) {
  const { min, max } = parameterSheet[name]
  return { min, max }
}

describe('what the payout alone does not make lose', () => {
  test('by a gateway and a node takes nothing from accounts, and shows when others are harmed', () => {
    for (const { honest, cheat } of byBoth.attempts(first)) {
      const [fair, foul] = [play(honest), play(cheat)]
      expect(foul.spent).toEqual(fair.spent)
      const others = (played: typeof fair) =>
        sumOf([...played.earned].map(([id, amount]) => (id === 1n ? 0n : amount)))
      const harm = others(fair) - others(foul)
      expect(foul.isSuspicious || harm <= 0n).toBe(true)
    }
  })

  test('by the price is no more than ANKR has fallen, and needs requests that reach its own nodes', () => {
    const tried = withOldCredits.attempts(first).map(tryOut)
    for (const { how, honest, cheat, spent } of tried) {
      const times = BigInt(/at (\d+) %/.exec(how)?.[1] ?? 0)
      const most = (spent * values.FeeProvidersPpm * times) / (100n * ppmScale)
      expect(cheat - honest).toBeLessThan(most - spent)
      if (/ 20 % to itself/.test(how)) expect(cheat).toBeLessThan(honest)
    }
  })

  test('by hiding failures is less than what honest work earns', () => {
    const whole = tryOut(toItself.attempts(first)[0]!).honest
    for (const { cheat } of hiding.attempts(first).map(tryOut)) expect(cheat).toBeLessThan(whole)
  })

  test('by late fees is no more than what was late', () => {
    for (const { honest, cheat, spent } of whenFeesAreLate.attempts(first).map(tryOut)) {
      expect(cheat - honest).toBeLessThan((spent * 2n * values.FeeProvidersPpm) / ppmScale - spent)
    }
  })
})

test('a network of the size that is played pays its way', () => {
  const { earned } = play(networkOf(first))
  for (const amount of earned.values()) expect(amount).toBeGreaterThan(ankr(10_000))
})
