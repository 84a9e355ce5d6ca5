import type { Signal } from './signal.ts'

const atCritical = 0.1

/** 1 while fresh, then falling in a straight line to 0.1 at the critical lag. */
export const freshness: Signal = {
  term: 'freshness',
  weight: 1,
  measure({ lagBlocks }, { freshBlocks, criticalBlocks }) {
    if (lagBlocks === undefined) return { value: atCritical, reason: 'its head is not known yet' }
    const behind = Math.max(0, lagBlocks)
    const reason =
      behind === 0
        ? 'at the head'
        : `${behind} blocks behind the head, so others are asked for the newest`
    if (behind <= freshBlocks) return { value: 1, reason }
    const part = Math.min(1, (behind - freshBlocks) / (criticalBlocks - freshBlocks))
    return { value: 1 - (1 - atCritical) * part, reason }
  },
}
