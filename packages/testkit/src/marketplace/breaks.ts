import { systemClock } from '@mooring/telemetry/clock'
import type { Random } from '../random.ts'
import type { Breaking } from './story.ts'
import type { World } from './world.ts'

export type BreakCounts = { kills: number; forks: number; deepestFork: number }

type Options = {
  random: Random
  counts: BreakCounts
  /** Told of each. */
  say: (what: string) => void
}

const pauseMs = { least: 1_500, most: 5_000 } as const
/** How long what was killed stays away, at most. */
const deadMsMax = 2_000
/** Of so many breaks one is a fork. */
const forkEach = 3
/** The settlement chain calls nothing final that is as new as this. */
export const forkBlocksMax = 20

/** Kills services and forks the settlement chain at random, one after the other, until it is asked to stop. */
export function startBreaking(world: World, { random, counts, say }: Options): Breaking {
  const stopping = new AbortController()
  const { signal } = stopping
  const running = (async () => {
    while (!signal.aborted) {
      const waitMs = pauseMs.least + random() * (pauseMs.most - pauseMs.least)
      await systemClock.sleep(waitMs, signal)
      if (signal.aborted) return
      if (Math.floor(random() * forkEach) === 0) await fork(world, { random, counts, say })
      else await killOne(world, { random, counts, say })
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

async function killOne(world: World, { random, counts, say }: Options): Promise<void> {
  const services = world.services()
  const service = services[Math.floor(random() * services.length)]
  if (service === undefined) return
  say(`${service.name} is killed`)
  counts.kills++
  // Not ended by the stop: all that was killed is there again in the end.
  const { signal } = new AbortController()
  await service.killAndRestart({ deadMs: random() * deadMsMax, signal })
}

/** Undoes blocks. What was in them comes again later, or never where nobody sends it anew. */
async function fork({ chain }: World, { random, counts, say }: Options): Promise<void> {
  const blocks = 1 + Math.floor(random() * forkBlocksMax)
  const forget = random() < 0.5
  say(
    `the settlement chain forks ${blocks} blocks back${forget ? ', and what was sent is lost' : ''}`,
  )
  counts.forks++
  counts.deepestFork = Math.max(counts.deepestFork, blocks)
  await chain.rollback(blocks, { forget })
}
