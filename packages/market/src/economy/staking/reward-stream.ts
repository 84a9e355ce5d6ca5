import {
  type RayAmount,
  rayScale,
  type Seconds,
  type SharesAmount,
  type TokenAmount,
} from '@mooring/protocol/units'
import { least } from '../money/mul-div.ts'

/** Rewards on their way to the active shares of a bucket, second by second and without a rest that is lost. */
export type RewardStream = {
  ratePerSecond: TokenAmount
  endSeconds: Seconds
  updatedSeconds: Seconds
  /** What the rate could not divide; joins the next reward. */
  remainder: TokenAmount
  /** Earned by one share since the beginning. */
  accumulator: RayAmount
  /** What the accumulator could not divide among the shares; joins the next seconds. */
  carry: RayAmount
  /** Streamed while there were no shares. */
  idle: TokenAmount
}

export const emptyStream: RewardStream = {
  ratePerSecond: 0n,
  endSeconds: 0n,
  updatedSeconds: 0n,
  remainder: 0n,
  accumulator: 0n,
  carry: 0n,
  idle: 0n,
}

/** The stream after the seconds up to now have flowed to `shares`, the number since its last update. */
export function flowed(stream: RewardStream, shares: SharesAmount, now: Seconds): RewardStream {
  const updated = { ...stream, updatedSeconds: now }
  if (least(now, stream.endSeconds) <= stream.updatedSeconds) return updated
  const amount = flowSince(stream, now)
  if (shares === 0n) return { ...updated, idle: stream.idle + amount }
  const rays = amount * rayScale + stream.carry
  // Rounds down; the rest is carried, so that no fraction of a base unit is lost.
  return { ...updated, accumulator: stream.accumulator + rays / shares, carry: rays % shares }
}

/** Begins a new stream of a reward and of all that had not flowed; `stream` has flowed up to now. */
export function refilled(
  stream: RewardStream,
  amount: TokenAmount,
  { now, epochSeconds }: { now: Seconds; epochSeconds: Seconds },
): RewardStream {
  const total = unstreamed(stream) + amount
  return {
    ...stream,
    // Rounds down: the stream never promises more than it has.
    ratePerSecond: total / epochSeconds,
    remainder: total % epochSeconds,
    endSeconds: now + epochSeconds,
  }
}

/** What has not flowed at the last update, the remainder included. */
export function unstreamed(stream: RewardStream): TokenAmount {
  return flowSince(stream, stream.endSeconds) + stream.remainder
}

function flowSince(stream: RewardStream, now: Seconds): TokenAmount {
  const until = least(now, stream.endSeconds)
  if (until <= stream.updatedSeconds) return 0n
  return (until - stream.updatedSeconds) * stream.ratePerSecond
}
