import { type Ppm, ppmScale, type Seconds, type TokenAmount } from '@mooring/protocol/units'
import { sumOf } from '../economy/money/mul-div.ts'

/** What delegators of one provider had of one closed epoch. */
export type DelegatorsEpoch = {
  /** Their part of what the provider earned. */
  toDelegators: TokenAmount
  /** Stake that it is measured by, at the epoch's end. */
  stake: TokenAmount
  /** How long it lasted; together with those it closes, if they were not closed by themselves. */
  seconds: Seconds
}

export const yearSeconds: Seconds = 31_536_000n

/**
 * A year's return on stake, in PPM, at the rate of some epochs: all that came in, by all the stake-seconds that earned it.
 * Nothing is compounded. Rounded down, so that nobody is promised more than was had; null where there was no stake.
 */
export function aprOf(epochs: readonly DelegatorsEpoch[]): Ppm | null {
  const stakeSeconds = sumOf(epochs.map(({ stake, seconds }) => stake * seconds))
  if (stakeSeconds === 0n) return null
  // Without stake nothing goes to delegators, so nothing is counted that no stake earned.
  const earned = sumOf(epochs.map(({ toDelegators }) => toDelegators))
  return (earned * yearSeconds * ppmScale) / stakeSeconds
}
