import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Economy } from '@mooring/market/economy/economy'
import { told } from './economy-differential/corners/corner.ts'
import { governanceCorners } from './economy-differential/corners/governance.ts'
import { paymentCorners } from './economy-differential/corners/payments.ts'
import { stakingCorners } from './economy-differential/corners/staking.ts'
import { openModel } from './economy-differential/opening.ts'
import { playOnChain } from './economy-differential/plays.ts'
import { replay, returning } from './economy-differential/replay.ts'
import { startWorld, type World } from './economy-differential/world.ts'

// Corners of the economy that chance seldom finds, played on the contracts and the model alike.
let world: World
let begun: Economy

beforeAll(async () => {
  world = await startWorld()
  begun = await playOnChain(world, await openModel(world), { seed: 1, length: 0 })
})
afterAll(() => world?.[Symbol.asyncDispose]())

describe('on chain and in the model,', () => {
  for (const { name, steps } of [...paymentCorners, ...stakingCorners, ...governanceCorners]) {
    test(name, async () => {
      const story = steps(world, begun)
      expect(story.length).toBeGreaterThan(1)
      const { moments, refused } = told(begun, story)
      for (const [place, { refused: wanted }] of story.entries()) {
        const names: readonly string[] = refused[place] ?? []
        const asWanted = wanted === undefined ? names.length === 0 : names.includes(wanted)
        expect([place, names, asWanted]).toEqual([place, names, true])
      }
      await returning(world, () => replay(world, begun, { moments, every: 1 }))
    })
  }
})
