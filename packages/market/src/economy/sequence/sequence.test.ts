import { describe, expect, test } from 'bun:test'
import { type Action, perform, type VerbName, verbNames } from '../actions.ts'
import { conserved } from '../conserved.ts'
import type { ContractError } from '../contract-errors.ts'
import type { Economy } from '../economy.ts'
import { balanceOf, tokens } from '../ledger.ts'
import { Refused } from '../refused.ts'
import { claimable } from '../staking/position.ts'
import { positionOf, stakeAt } from '../staking/staking-pool.ts'
import { seededRandom } from './dice.ts'
import { focusedMoves } from './focused-moves.ts'
import { belongingsOf, leave } from './leaving.ts'
import { ownMoves } from './own-moves.ts'
import { type Played, playSequence } from './sequence.ts'
import { stageEconomy, testCast } from './stage.fixtures.ts'

/** More sequences, or longer ones, are asked for by these settings. */
const count = Number(process.env.MOORING_ECONOMY_SEQUENCES ?? 24)
const length = Number(process.env.MOORING_ECONOMY_LENGTH ?? 300)
const seeds = Array.from({ length: count }, (_, seed) => seed + 1)

function played(seed: number, onStep: (step: Played) => void = () => {}): Economy {
  const random = seededRandom(seed)
  let last = stageEconomy()
  for (const step of playSequence(last, testCast, { random, length })) {
    last = step.economy
    onStep(step)
  }
  return last
}

/** Does it, or leaves it when the economy refuses. */
function attempt(economy: Economy, action: Action, now = economy.now + 1n): Economy {
  try {
    return perform(economy, action, now).economy
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return economy
  }
}

describe('a random sequence of everything actors can do', () => {
  test('leaves the books balanced after every action, done or refused', () => {
    for (const seed of seeds) {
      played(seed, ({ economy, action, refused }) => {
        const problems = conserved(economy)
        if (problems.length > 0) throw new Error(`seed ${seed}, ${action.name}: ${problems}`)
        if (refused !== undefined) expect(economy.ledger.movements).toEqual([])
      })
    }
  })

  test('leaves them balanced too when it keeps to one part of the economy', () => {
    for (const moves of Object.values(focusedMoves)) {
      for (const seed of seeds.slice(0, 6)) {
        const chance = { random: seededRandom(seed), length, moves }
        for (const { economy, action } of playSequence(stageEconomy(), testCast, chance)) {
          const problems = conserved(economy)
          if (problems.length > 0) throw new Error(`seed ${seed}, ${action.name}: ${problems}`)
        }
      }
    }
  })

  test('says in its movements exactly what it does to the balances', () => {
    for (const seed of seeds.slice(0, 6)) {
      let before = stageEconomy()
      played(seed, ({ economy, movements }) => {
        for (const token of tokens) {
          const expected = new Map(before.ledger.balances[token])
          for (const { from, to, amount } of movements.filter((moved) => moved.token === token)) {
            expected.set(from, (expected.get(from) ?? 0n) - amount)
            if (to !== 'burned') expected.set(to, (expected.get(to) ?? 0n) + amount)
          }
          expect(new Map(economy.ledger.balances[token])).toEqual(expected)
        }
        before = economy
      })
    }
  })

  test('is the same for the same seed, and another for another', () => {
    const actionsOf = (seed: number) => {
      const actions: Action[] = []
      played(seed, ({ action }) => actions.push(action))
      return actions
    }
    expect(actionsOf(7)).toEqual(actionsOf(7))
    expect(actionsOf(7)).not.toEqual(actionsOf(8))
  })

  test('gets to every verb, and to most of the ways to be refused', () => {
    const done = new Set<VerbName>()
    const refusals = new Set<ContractError>()
    for (const seed of seeds) {
      played(seed, ({ action, refused }) => {
        if (refused === undefined) done.add(action.name)
        for (const name of refused ?? []) refusals.add(name)
      })
    }
    expect(verbNames.filter((name) => !done.has(name))).toEqual([])
    expect(refusals.size).toBeGreaterThan(60)
  })
})

describe('whoever is silent,', () => {
  const owners = [
    ...testCast.owners,
    ...testCast.delegators,
    ...testCast.consumers,
    ...testCast.signers,
    testCast.outsider,
  ]

  test('every owner gets everything out in bounded time', () => {
    for (const seed of seeds) {
      const { economy: left } = leave(played(seed), owners)
      expect(conserved(left)).toEqual([])
      expect(owners.flatMap((owner) => belongingsOf(left, owner))).toEqual([])
      expect([left.pool.requests.size, left.pool.locks.size]).toEqual([0, 0])
      for (const { buckets } of left.pool.stakes.values()) {
        expect([buckets.Self.active, buckets.Delegated.active]).toEqual([0n, 0n])
        expect([buckets.Self.unbonding, buckets.Delegated.unbonding]).toEqual([0n, 0n])
      }
      for (const token of tokens) {
        for (const { balance } of left.escrows[token].deposits.values()) expect(balance).toBe(0n)
      }
    }
  })

  test('every owner alone does, while all the others stay', () => {
    for (const seed of seeds.slice(0, 8)) {
      const last = played(seed)
      for (const owner of owners) {
        const { economy: left } = leave(last, [owner])
        expect([owner, belongingsOf(left, owner)]).toEqual([owner, []])
      }
    }
  })
})

describe('without a reward from outside,', () => {
  test('nobody takes out more than was put in', () => {
    for (const seed of seeds) {
      const opening = stageEconomy()
      const chance = { random: seededRandom(seed), length, moves: ownMoves }
      let last = opening
      for (const step of playSequence(opening, testCast, chance)) last = step.economy
      const people = [...opening.ledger.balances.ankr.keys()].filter(
        (account) => account !== testCast.indemnifier,
      )
      const { economy: left, moments } = leave(last, people)
      // Whoever leaves rounds down, by less than a base unit each time, in favour of those who stay.
      const dust = BigInt(length + moments.length)
      for (const token of tokens) {
        for (const person of people) {
          const gain =
            balanceOf(left.ledger, token, person) - balanceOf(opening.ledger, token, person)
          expect([seed, person, gain <= dust]).toEqual([seed, person, true])
        }
      }
    }
  })
})

describe('the order does not matter', () => {
  test('in which delegators claim', () => {
    for (const seed of seeds.slice(0, 8)) {
      const last = played(seed)
      const claims = [...last.registry.providers.keys()].flatMap((providerId) => {
        const stake = stakeAt(last.pool, providerId, last.now)
        const earners = [...stake.positions.keys()].filter(
          (holder) => claimable(positionOf(stake, holder)) > 0n,
        )
        return earners.map((caller): Action => {
          return { name: 'claim', caller, args: { providerId, to: caller } }
        })
      })
      const inOrder = (actions: Action[]) =>
        actions.reduce((economy, action) => perform(economy, action, last.now).economy, last)
      expectSameMoney(inOrder(claims), inOrder(claims.toReversed()))
    }
  })

  test('in which leaves of a root are applied, in one call or in many', () => {
    for (const seed of seeds.slice(0, 8)) {
      const last = played(seed)
      for (const asset of tokens) {
        const rootId = BigInt(
          last.escrows[asset].roots.findLastIndex(
            ({ disabled, applicableAt }) => !disabled && applicableAt <= last.now,
          ) + 1,
        )
        const leaves = last.escrows[asset].roots[Number(rootId) - 1]?.leaves ?? []
        const apply = (some: typeof leaves, economy = last) =>
          attempt(economy, {
            name: 'applyCharges',
            caller: testCast.outsider,
            args: { asset, rootId, leaves: some },
          })
        const together = apply(leaves)
        const turned = apply(leaves.toReversed())
        const single = leaves.reduce((economy, leaf) => apply([leaf], economy), last)
        expectSameMoney(together, turned)
        expect(single.escrows[asset].deposits).toEqual(together.escrows[asset].deposits)
      }
    }
  })

  function expectSameMoney(one: Economy, other: Economy): void {
    for (const token of tokens) {
      for (const account of one.ledger.balances[token].keys()) {
        expect(balanceOf(other.ledger, token, account)).toBe(balanceOf(one.ledger, token, account))
      }
    }
  }
})
