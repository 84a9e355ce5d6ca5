import { afterAll, beforeAll, expect, test } from 'bun:test'
import type { Economy } from '@mooring/market/economy/economy'
import { playSequence } from '@mooring/market/economy/sequence/sequence'
import { seededRandom } from '@mooring/testkit/random'
import { openModel } from './economy-differential/opening.ts'
import { stepProblems } from './economy-differential/replay.ts'
import { startWorld, type World } from './economy-differential/world.ts'

const count = Number(process.env.MOORING_ECONOMY_CHAIN_SEQUENCES ?? 3)
const length = Number(process.env.MOORING_ECONOMY_CHAIN_LENGTH ?? 80)
let world: World
let opening: Economy

beforeAll(async () => {
  world = await startWorld()
  opening = await openModel(world)
})
afterAll(() => world?.[Symbol.asyncDispose]())

for (let seed = 1; seed <= count; seed++) {
  test(`sequence ${seed}`, async () => {
    const snapshot = await world.anvil.ask('evm_snapshot')
    try {
      let before = opening
      let place = 0
      for (const played of playSequence(opening, world.cast, {
        random: seededRandom(seed),
        length,
      })) {
        const problems = await stepProblems(world, before, played)
        if (problems.length > 0)
          throw new Error(
            `seed ${seed} step ${place} ${Bun.inspect(played.action)} refused ${played.refused}\n ${problems.join('\n ')}`,
          )
        before = played.economy
        place++
      }
      expect(place).toBeGreaterThan(length)
    } finally {
      await world.anvil.ask('evm_revert', [snapshot])
    }
  }, 600_000)
}
