import { type Frame, parseFrame } from '@mooring/protocol/metering/frame'
import type { CopyState } from './copy-state.ts'

/**
 * What witnesses have of one epoch after frame `last`, as far as there is no gap. Frames that a newer generation makes
 * void are left out, whichever copy has heard of it; others are the same in all of them.
 */
export function mergeCopies(copies: readonly CopyState[], last: number): Frame[] {
  const newestFirst = copies.toSorted((one, other) => other.generation - one.generation)
  const frames = new Map<number, string>()
  let validUpTo = Number.POSITIVE_INFINITY
  for (const same of Map.groupBy(newestFirst, ({ generation }) => generation).values()) {
    for (const { sequence, json } of same.flatMap((copy) => copy.frames)) {
      if (sequence <= validUpTo && !frames.has(sequence)) frames.set(sequence, json)
    }
    validUpTo = Math.min(validUpTo, ...same.map(({ after }) => after))
  }
  const merged: Frame[] = []
  for (let next = last + 1; ; next++) {
    const json = frames.get(next)
    const frame = json === undefined ? undefined : parseFrame(json)
    if (frame === undefined) return merged
    merged.push(frame)
  }
}
