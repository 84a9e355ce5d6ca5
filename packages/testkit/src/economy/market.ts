import { readPart, type System } from '@mooring/onchain/contracts'
import { systemClock } from '@mooring/telemetry/clock'
import { type Loop, startLoop } from '@mooring/telemetry/loop'
import { postRate } from './post-rate.ts'
import { localUsdPerAnkr } from './start.ts'

const pauseMs = 2_000
/** Half of what the rate feed allows for. */
const freshSeconds = 1_800n

/**
 * Stands in for the rate signers of a local economy, so that its rate is never stale for long: also not when somebody
 * has turned the clock of the chain.
 */
export function startMarket(
  system: System & { rpc: string },
  onError: (error: unknown) => void,
): Loop {
  return startLoop({
    pauseMs,
    clock: systemClock,
    onError,
    async round() {
      const [, updatedAt] = await readPart(system, 'rateFeed', 'latest', [])
      const { timestamp } = await system.reader.getBlock()
      if (timestamp - updatedAt > freshSeconds) await postRate(system, localUsdPerAnkr)
    },
  })
}
