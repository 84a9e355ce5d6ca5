import { type Ppm, ppmScale } from '@mooring/protocol/units'

/** `value × factor / divisor`, rounded down: for what somebody receives. */
export function mulDivDown(value: bigint, factor: bigint, divisor: bigint): bigint {
  assertOperands(value, factor, divisor)
  return (value * factor) / divisor
}

/** `value × factor / divisor`, rounded up: for what somebody pays. */
export function mulDivUp(value: bigint, factor: bigint, divisor: bigint): bigint {
  assertOperands(value, factor, divisor)
  return (value * factor + divisor - 1n) / divisor
}

/** A rate's part of an amount, rounded down: whoever receives the part never gets too much. */
export function partDown(amount: bigint, ratePpm: Ppm): bigint {
  return mulDivDown(amount, ratePpm, ppmScale)
}

export function least(first: bigint, ...others: bigint[]): bigint {
  let low = first
  for (const value of others) if (value < low) low = value
  return low
}

export function most(first: bigint, ...others: bigint[]): bigint {
  let high = first
  for (const value of others) if (value > high) high = value
  return high
}

export function sumOf(values: Iterable<bigint>): bigint {
  let sum = 0n
  for (const value of values) sum += value
  return sum
}

/** Division of bigints rounds towards zero, so a negative one would turn the direction around. */
function assertOperands(value: bigint, factor: bigint, divisor: bigint): void {
  if (value < 0n || factor < 0n || divisor <= 0n) {
    throw new RangeError(`cannot divide ${value} × ${factor} by ${divisor}`)
  }
}
