import {
  type RayAmount,
  rayScale,
  type SharesAmount,
  type TokenAmount,
} from '@mooring/protocol/units'

/** One holder's delegation behind one provider. */
export type Position = {
  shares: SharesAmount
  generation: bigint
  /** The accumulator that rewards are settled up to. */
  settled: RayAmount
  /** Earned and not claimed, with its fraction of a base unit. */
  owed: RayAmount
}

export const emptyPosition: Position = { shares: 0n, generation: 0n, settled: 0n, owed: 0n }

/** What a bucket has earned for a share, and for one of each generation that is over. */
export type Earnings = {
  generation: bigint
  accumulator: RayAmount
  /** By generation: the accumulator when it ended. */
  finals: readonly RayAmount[]
}

/** The position with its rewards up to now. One of a generation that is over keeps what it had earned by then. */
export function settledPosition(position: Position, earnings: Earnings): Position {
  const isOver = position.generation < earnings.generation
  const last = isOver ? finalOf(position, earnings) : earnings.accumulator
  return {
    shares: isOver ? 0n : position.shares,
    generation: earnings.generation,
    settled: earnings.accumulator,
    owed: position.owed + position.shares * (last - position.settled),
  }
}

/** Whole base units that can be claimed; rounds down, the fraction stays owed. */
export function claimable({ owed }: Position): TokenAmount {
  return owed / rayScale
}

export function claimed(position: Position): Position {
  return { ...position, owed: position.owed % rayScale }
}

function finalOf({ generation }: Position, { finals }: Earnings): RayAmount {
  const final = finals[Number(generation)]
  if (final === undefined) throw new RangeError(`generation ${generation} has not ended`)
  return final
}
