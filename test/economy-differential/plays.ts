import type { Economy } from '@mooring/market/economy/economy'
import type { Moment } from '@mooring/market/economy/sequence/leaving'
import type { WeightedMove } from '@mooring/market/economy/sequence/moves'
import { playSequence } from '@mooring/market/economy/sequence/sequence'
import { seededRandom } from '@mooring/testkit/random'
import { Divergence, replay, returning } from './replay.ts'
import { canonical } from './rows/row.ts'
import { shortened } from './shorten.ts'
import type { World } from './world.ts'

/** Which sequence: the same numbers make the same one. */
export type Sequence = {
  seed: number
  length: number
  moves?: readonly WeightedMove[]
  /** So many of a hundred actions are not done, which later ones may build on: more of them are refused. */
  leftOutPercent?: number
}

/** Reading everything takes most of the time, so it is done now and then, and after each action to shorten. */
const every = 4
const triesMax = 60

/** Plays a sequence on chain beside the model. Throws with the shortest sequence that was found to part them. */
export async function playOnChain(
  world: World,
  opening: Economy,
  sequence: Sequence,
): Promise<Economy> {
  const moments = momentsOf(world, opening, sequence)
  const failed = await returningIfFailed(world, () => replay(world, opening, { moments, every }))
  if (!(failed instanceof Divergence)) return failed
  const parts = moments.slice(0, failed.place + 1)
  // Another action that fails for want of what was left out would lead away from what was found.
  const first = (await divergenceOf(world, opening, parts)) ?? failed
  const fails = async (shorter: readonly Moment[]) =>
    (await divergenceOf(world, opening, shorter))?.verb === first.verb
  const shortest = await shortened(parts, fails, triesMax)
  const shown = shortest.map(({ action, now }) => `${now} ${canonical(action)}`)
  const short = await divergenceOf(world, opening, shortest)
  throw new Error(
    `seed ${sequence.seed}, length ${sequence.length}: ${failed.message}\n` +
      `Shortened to ${shortest.length} actions:\n  ${shown.join('\n  ')}\n${short?.message}`,
  )
}

export function momentsOf(
  world: World,
  opening: Economy,
  { seed, leftOutPercent = 0, ...chance }: Sequence,
): Moment[] {
  const random = seededRandom(seed)
  const played = playSequence(opening, world.cast, { random, ...chance })
  const moments = [...played].map(({ action, now }) => ({ action, now }))
  return leftOutPercent === 0 ? moments : moments.filter(() => random() * 100 >= leftOutPercent)
}

async function divergenceOf(
  world: World,
  opening: Economy,
  moments: readonly Moment[],
): Promise<Divergence | undefined> {
  try {
    await returning(world, () => replay(world, opening, { moments, every: 1 }))
    return undefined
  } catch (error) {
    if (error instanceof Divergence) return error
    throw error
  }
}

/** The chain stays where it is when all went well, and goes back to the beginning when it did not. */
async function returningIfFailed<T>({ anvil }: World, run: () => Promise<T>) {
  const snapshot = await anvil.ask('evm_snapshot')
  try {
    return await run()
  } catch (error) {
    await anvil.ask('evm_revert', [snapshot])
    if (error instanceof Divergence) return error
    throw error
  }
}
