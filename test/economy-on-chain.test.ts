import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import type { Action } from '@mooring/market/economy/actions'
import type { Economy } from '@mooring/market/economy/economy'
import { type Account, balanceOf, type Token, tokens } from '@mooring/market/economy/ledger'
import { depositOf, periodCap } from '@mooring/market/economy/payments/escrow'
import { belongingsOf, leave } from '@mooring/market/economy/sequence/leaving'
import { ownMoves } from '@mooring/market/economy/sequence/own-moves'
import { erc20Abi } from 'viem'
import { keyring } from './economy-differential/cast.ts'
import { openModel } from './economy-differential/opening.ts'
import { playOnChain } from './economy-differential/plays.ts'
import { replay, returning } from './economy-differential/replay.ts'
import { startWorld, type World } from './economy-differential/world.ts'

/** Longer sequences are asked for by this setting. */
const length = Number(process.env.MOORING_ECONOMY_CHAIN_LENGTH ?? 60)
const timeoutMs = 120_000 + length * 4_000
/** How often the whole state is compared with the model's. */
const every = 10

let world: World
let opening: Economy
const people = [...keyring.keys()]

beforeAll(async () => {
  world = await startWorld()
  opening = await openModel(world)
})
afterAll(() => world?.[Symbol.asyncDispose]())

/** Does the same on chain and in the model, one second after the other. */
function act(economy: Economy, actions: readonly Action[]): Promise<Economy> {
  const moments = actions.map((action, place) => {
    return { action, now: economy.now + BigInt(place) + 1n }
  })
  return replay(world, economy, { moments, every })
}

describe('whoever is silent,', () => {
  test(
    'everybody gets everything out in bounded time, and the contracts keep nothing that has an owner',
    () =>
      returning(world, async () => {
        const last = await playOnChain(world, opening, { seed: 11, length })
        const { moments, economy } = leave(last, people)
        expect(moments.length).toBeGreaterThan(10)
        const left = await replay(world, last, { moments, every })
        expect(people.flatMap((person) => belongingsOf(left, person))).toEqual([])
        expect(left.ledger.balances).toEqual(economy.ledger.balances)
        for (const providerId of left.registry.providers.keys()) {
          for (const kind of [0, 1]) expect(await stakeOnChain(providerId, kind)).toEqual([0n, 0n])
        }
      }),
    timeoutMs,
  )

  test(
    'each owner alone does, while all the others stay',
    () =>
      returning(world, async () => {
        const last = await playOnChain(world, opening, { seed: 12, length })
        const owners = people.filter((person) => belongingsOf(last, person).length > 0)
        expect(owners.length).toBeGreaterThan(4)
        for (const owner of owners) {
          const { moments } = leave(last, [owner])
          const left = await returning(world, () =>
            replay(world, last, { moments, every: moments.length }),
          )
          expect([owner, belongingsOf(left, owner)]).toEqual([owner, []])
        }
      }),
    timeoutMs,
  )

  async function stakeOnChain(providerId: bigint, kind: number): Promise<[bigint, bigint]> {
    const { active, unbonding } = await world.reader.readContract({
      address: world.parts.pool,
      abi: stakingPoolAbi,
      functionName: 'bucketOf',
      args: [providerId, kind],
    })
    return [active, unbonding]
  }
})

describe('without a reward from outside,', () => {
  test(
    'nobody takes out more than was put in',
    () =>
      returning(world, async () => {
        const last = await playOnChain(world, opening, { seed: 21, length, moves: ownMoves })
        const { moments } = leave(last, people)
        await replay(world, last, { moments, every })
        // Whoever leaves rounds down, by less than a base unit each time, in favour of those who stay.
        const dust = BigInt(length + moments.length)
        for (const token of tokens) {
          for (const person of people) {
            const gain =
              (await balanceOnChain(token, person)) - balanceOf(opening.ledger, token, person)
            expect([person, gain <= dust]).toEqual([person, true])
          }
        }
      }),
    timeoutMs,
  )

  function balanceOnChain(token: Token, person: Account): Promise<bigint> {
    return world.reader.readContract({
      address: world.parts[token],
      abi: erc20Abi,
      functionName: 'balanceOf',
      args: [world.addressOf(person)],
    })
  }
})

describe('a root of charges', () => {
  const day = 86_400n
  const whole = 10n ** 18n

  /** Consumers with deposits in both assets, and a root of each that waits no more. */
  async function charged(totals: readonly bigint[]): Promise<Economy> {
    const begun = await playOnChain(world, opening, { seed: 31, length: 0 })
    const { consumers, outsider, signers } = world.cast
    const leaves = consumers.map((account, place) => {
      return { account, life: 0n, total: totals[place] ?? 0n }
    })
    const posts = tokens.map((asset): Action => {
      const args = { asset, leaves, periodEnd: begun.now, signers: signers.slice(0, 3) }
      return { name: 'postChargeRoot', caller: outsider, args }
    })
    const posted = await act(begun, posts)
    return { ...posted, now: posted.now + day }
  }

  const apply = (asset: Token, { escrows }: Economy, places: readonly number[]): Action => {
    const all = escrows[asset].roots[0]?.leaves ?? []
    const leaves = places.flatMap((place) => all[place] ?? [])
    return {
      name: 'applyCharges',
      caller: world.cast.outsider,
      args: { asset, rootId: 1n, leaves },
    }
  }

  test('comes to the same in any order, in one batch or in many, applied once or again', () =>
    returning(world, async () => {
      const waiting = await charged([7n * whole, 10n ** 9n, 3n, 0n])
      const batches = [
        [[0, 1, 2, 3]],
        [[3, 2, 1, 0]],
        [[2], [0], [3], [1]],
        [[1, 1], [0, 1, 2], [0]],
      ]
      const ends: Economy[] = []
      for (const order of batches) {
        const actions = order.flatMap((places) =>
          tokens.map((asset) => apply(asset, waiting, places)),
        )
        ends.push(await returning(world, () => act(waiting, actions)))
      }
      const [first, ...others] = ends
      expect(depositOf(first!.escrows.ankr, world.cast.consumers[0]!).spent).toBe(7n * whole)
      for (const other of others) {
        for (const asset of tokens) {
          expect(sorted(other.escrows[asset].deposits)).toEqual(
            sorted(first!.escrows[asset].deposits),
          )
        }
      }
    }))

  test('that promises more than there is takes one cap of each account it names, and nobody else is harmed', () =>
    returning(world, async () => {
      const much = 10n ** 30n
      const waiting = await charged([much, 1n, much, 0n])
      const [rich = '', honest = '', stranger = ''] = world.cast.consumers
      const applied = await act(
        waiting,
        tokens.flatMap((asset) => [
          apply(asset, waiting, [0, 1, 2, 3]),
          apply(asset, waiting, [0]),
          apply(asset, waiting, [2, 0]),
        ]),
      )
      for (const asset of tokens) {
        const before = depositOf(waiting.escrows[asset], rich).balance
        const after = depositOf(applied.escrows[asset], rich)
        const { PeriodCapMin: min, PeriodCapPpm: ppm } = applied.params.values
        const cap = periodCap(before, { min: asset === 'ankr' ? min : 0n, ppm })
        expect([after.spent, after.balance]).toEqual([cap, before - cap])
        expect(depositOf(applied.escrows[asset], stranger).spent).toBe(0n)
        expect(depositOf(applied.escrows[asset], honest).spent).toBe(1n)
      }
      // What was promised beyond exists nowhere: all that is left can be taken out.
      const consumers = [...world.cast.consumers]
      const { moments } = leave(applied, consumers)
      const left = await replay(world, applied, { moments, every })
      expect(consumers.flatMap((consumer) => belongingsOf(left, consumer))).toEqual([])
      for (const asset of tokens) {
        const holder = asset === 'ankr' ? 'ankrEscrow' : 'stableEscrow'
        expect(balanceOf(left.ledger, asset, holder)).toBe(0n)
      }
    }))

  function sorted<T>(map: ReadonlyMap<Account, T>): [Account, T][] {
    return [...map].sort(([one], [other]) => (one < other ? -1 : 1))
  }
})
