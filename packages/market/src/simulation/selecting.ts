import type { LagRule, Observation } from '../selection/observation.ts'
import { pickOfTwo, withinShare } from '../selection/pick.ts'
import { scoreOf } from '../selection/score.ts'
import type { SimNode } from './scenario.ts'

/** A node with the name of its provider. */
export type Standing = { provider: string; node: SimNode }

/** So many requests stand for all of an epoch and a chain. */
const requestsDrawn = 1_000
const attemptsMax = 3
/** As gateways have it by default. */
const shareMax = 0.65
const inFlightMax = 256
const lag: LagRule = { freshBlocks: 2, criticalBlocks: 20, aheadBlocksMax: 20 }

/**
 * Sends requests the way gateways do: by score, two drawn and one taken, another one asked when the first fails.
 *
 * @returns How many each of them answered.
 */
export function draw(standings: readonly Standing[], random: () => number): number[] {
  const answered = standings.map(() => 0)
  const candidates = standings.map(({ provider, node }, at) => ({
    ...{ at, provider, inFlight: Math.round(node.busyPart * inFlightMax) },
    weight: scoreOf(observationOf(node), lag).score,
  }))
  const fit = candidates.filter(({ weight }) => weight > 0)
  const relays = new Map<string, number>()
  let all = 0
  const shareOf = (provider: string) => (all < 100 ? 0 : (relays.get(provider) ?? 0) / all)
  for (let request = 0; request < requestsDrawn; request++) {
    let untried = fit
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      const picked = pickOfTwo(withinShare(untried, shareOf, shareMax), random)
      if (picked === undefined) break
      const { at, provider } = picked
      all++
      relays.set(provider, (relays.get(provider) ?? 0) + 1)
      if (random() >= (standings[at]?.node.failsPart ?? 0)) {
        answered[at] = (answered[at] ?? 0) + 1
        break
      }
      untried = untried.filter((other) => other !== picked)
    }
  }
  return answered
}

function observationOf(node: SimNode): Observation {
  return {
    ...{ chainId: 'right', answersHeight: true, cordonReason: undefined, inFlightMax },
    lagBlocks: node.lagBlocks,
    probeLatencyMs: node.probeMs,
    successRate: 1 - node.failsPart,
    inFlight: Math.round(node.busyPart * inFlightMax),
    stakeTimes: node.stakeTimes,
  }
}
