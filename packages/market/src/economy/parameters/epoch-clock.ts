import type { Seconds } from '@mooring/protocol/units'
import { refuseIf } from '../refused.ts'

/** From an epoch on, all epochs have one length. */
type Stretch = { fromEpoch: bigint; start: Seconds; epochSeconds: Seconds }

/** How time is cut into epochs: stretches in order, the first from epoch 0, the last without an end. */
export type EpochClock = readonly [Stretch, ...Stretch[]]

export function startClock(start: Seconds, epochSeconds: Seconds): EpochClock {
  return [{ fromEpoch: 0n, start, epochSeconds }]
}

/** The epoch that a moment falls in; a boundary belongs to the epoch it begins. */
export function epochAt(clock: EpochClock, at: Seconds): bigint {
  refuseIf({ ParamStoreBeforeStart: at < clock[0].start })
  const { fromEpoch, start, epochSeconds } = lastOf(clock, (stretch) => stretch.start <= at)
  // Rounds down: an epoch counts when it has begun.
  return fromEpoch + (at - start) / epochSeconds
}

export function epochStart(clock: EpochClock, epoch: bigint): Seconds {
  const stretch = lastOf(clock, ({ fromEpoch }) => fromEpoch <= epoch)
  return stretch.start + (epoch - stretch.fromEpoch) * stretch.epochSeconds
}

/** Gives epochs another length from one on that has not begun. */
export function stretched(clock: EpochClock, fromEpoch: bigint, epochSeconds: Seconds): EpochClock {
  return [...clock, { fromEpoch, start: epochStart(clock, fromEpoch), epochSeconds }]
}

/** Takes back a stretch that has not begun. */
export function withoutStretch(clock: EpochClock, fromEpoch: bigint): EpochClock {
  const [first, ...others] = clock
  return [first, ...others.filter((stretch) => stretch.fromEpoch !== fromEpoch)]
}

function lastOf(clock: EpochClock, holds: (stretch: Stretch) => boolean): Stretch {
  return clock.findLast(holds) ?? clock[0]
}
