/** Chance, made of numbers that are uniform in [0, 1). */
export type Dice = {
  /** True in so many of a hundred throws. */
  percent: (chance: number) => boolean
  /** A whole number from 0 up to but not including `count`. */
  below: (count: number) => number
  oneOf: <T>(list: readonly T[]) => T | undefined
  /** Each member with an even chance, in order. */
  someOf: <T>(list: readonly T[]) => T[]
  /** Both ends included; either end comes up more often than what lies between. */
  between: (min: bigint, max: bigint) => bigint
  /** 32 bytes in hex. */
  word: () => string
}

const fractionScale = 2 ** 48

export function createDice(random: () => number): Dice {
  const below = (count: number) => Math.floor(random() * count)
  const percent = (chance: number) => random() * 100 < chance
  const between = (min: bigint, max: bigint): bigint => {
    if (max <= min) return min
    if (percent(10)) return percent(50) ? min : max
    // The range times a fraction of 48 bits, rounded down, so that `max` itself is left to the ends above.
    return min + ((max - min) * BigInt(below(fractionScale))) / BigInt(fractionScale)
  }
  const digit = () => below(16).toString(16)
  return {
    percent,
    below,
    oneOf: (list) => list[below(list.length)],
    someOf: (list) => list.filter(() => percent(50)),
    between,
    word: () => `0x${Array.from({ length: 64 }, digit).join('')}`,
  }
}

/** Numbers in [0, 1) that follow from a seed alone. @see "mulberry32" */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
