import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Economy } from '@mooring/market/economy/economy'
import { parameterSheet } from '@mooring/market/economy/parameters/sheet'
import { focusedMoves } from '@mooring/market/economy/sequence/focused-moves'
import { differences } from './economy-differential/compare.ts'
import { openModel, readSheet } from './economy-differential/opening.ts'
import { playOnChain, type Sequence } from './economy-differential/plays.ts'
import { returning } from './economy-differential/replay.ts'
import { startWorld, type World } from './economy-differential/world.ts'

/** More sequences, longer ones, or one again from its seed, are asked for by these settings. */
const count = Number(process.env.MOORING_ECONOMY_CHAIN_SEQUENCES ?? 4)
const length = Number(process.env.MOORING_ECONOMY_CHAIN_LENGTH ?? 80)
const firstSeed = Number(process.env.MOORING_ECONOMY_CHAIN_SEED ?? 2)
const seeds = Array.from({ length: count }, (_, place) => firstSeed + place)
/** An action takes about 15 ms; a sequence that fails is played again and again to shorten it. */
const timeoutMs = 120_000 + length * 4_000

let world: World
let opening: Economy

beforeAll(async () => {
  world = await startWorld()
  opening = await openModel(world)
})
afterAll(() => world?.[Symbol.asyncDispose]())

describe('contracts and model come to the same, to the last unit, after a random sequence', () => {
  const play = (sequence: Sequence) => async () => {
    await returning(world, () => playOnChain(world, opening, sequence))
  }

  for (const seed of seeds) {
    // With a part left out, more of the rest is refused.
    const leftOutPercent = seed % 2 === 0 ? 0 : 25
    test(
      `of everything actors can do (seed ${seed})`,
      play({ seed, length, leftOutPercent }),
      timeoutMs,
    )
  }

  for (const [part, moves] of Object.entries(focusedMoves)) {
    for (const seed of seeds.slice(0, Math.ceil(count / 4))) {
      test(`of one part: ${part} (seed ${seed})`, play({ seed, length, moves }), timeoutMs)
    }
  }
})

describe('the comparison', () => {
  test('finds nothing before anybody has acted', async () => {
    expect(await differences(world, opening)).toEqual([])
  })

  test('sees one base unit too much, and a second too early', async () => {
    const [owner = ''] = world.cast.owners
    const { ledger, rateFeed } = opening
    const richer = new Map(ledger.balances.ankr).set(owner, 1n)
    const balances = { ...ledger.balances, ankr: richer }
    const rich = await differences(world, { ...opening, ledger: { ...ledger, balances } })
    expect(rich).toHaveLength(1)
    expect(rich[0]).toContain('ankr.balanceOf')
    const updatedAt = rateFeed.updatedAt - 1n
    const early = await differences(world, { ...opening, rateFeed: { ...rateFeed, updatedAt } })
    expect(early).toHaveLength(1)
    expect(early[0]).toContain('rateFeed.latest')
  })

  test('knows the parameters as they are: defaults and bounds of the model are those of the contract', async () => {
    expect(await readSheet(world)).toEqual(parameterSheet)
  })
})
