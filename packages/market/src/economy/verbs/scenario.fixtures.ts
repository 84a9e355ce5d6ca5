import type { Seconds } from '@mooring/protocol/units'
import { type Action, perform } from '../actions.ts'
import type { Economy } from '../economy.ts'
import { epochStart } from '../parameters/epoch-clock.ts'

/** Does one thing after another, each so many seconds after the one before. */
export function after(
  economy: Economy,
  actions: readonly Action[],
  seconds: Seconds = 1n,
): Economy {
  return actions.reduce(
    (last, action) => perform(last, action, last.now + seconds).economy,
    economy,
  )
}

/** Lets time pass. */
export function later(economy: Economy, seconds: Seconds): Economy {
  return { ...economy, now: economy.now + seconds }
}

/** The moment in which an epoch begins. */
export function atEpoch(economy: Economy, epoch: bigint): Economy {
  return { ...economy, now: epochStart(economy.params.clock, epoch) }
}
