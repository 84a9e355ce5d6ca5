import { hourOf } from '@mooring/store/ledger/hours'

export type ChargePeriod = { number: bigint; endsMs: number }

export function periodAt(nowMs: number, periodSeconds: bigint): ChargePeriod {
  const periodMs = Number(periodSeconds) * 1_000
  const number = Math.floor(nowMs / periodMs)
  return { number: BigInt(number), endsMs: (number + 1) * periodMs }
}

/** The period before the one it is, and an hour before it began: clocks that differ a little write around that. */
export function periodBefore(
  nowMs: number,
  periodSeconds: bigint,
): { period: bigint; hour: number } {
  const before = periodAt(nowMs - Number(periodSeconds) * 1_000, periodSeconds)
  const beganMs = before.endsMs - Number(periodSeconds) * 1_000
  return { period: before.number, hour: hourOf(beganMs) - 1 }
}
