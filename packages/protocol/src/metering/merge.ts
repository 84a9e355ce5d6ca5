import type { Frame } from './frame.ts'
import { type UsageLine, usageLinesMax } from './wire.ts'

/** Frames merged for one post: numbered `from` to `to`, none where `to` is `from` − 1. */
export type MergedFrames = { from: number; to: number; usage: UsageLine[]; isLast: boolean }

/**
 * Frames merged as far as one post may hold. There is always a last one, even where no frame is left.
 *
 * @param last - The last frame that is in the books.
 */
export function mergedOf(frames: readonly Frame[], last: number): MergedFrames[] {
  const merged: MergedFrames[] = []
  let usage = new Map<string, UsageLine>()
  let from = last + 1
  let to = last
  const close = (isLast: boolean) => {
    merged.push({ from, to, usage: [...usage.values()], isLast })
    from = to + 1
    usage = new Map()
  }
  for (const frame of frames) {
    if (usage.size + frame.usage.length > usageLinesMax) close(false)
    // With a frame missing in front the ledger refuses it, which is for people to look at.
    if (usage.size === 0 && to === last) from = frame.sequence === last + 1 ? from : frame.sequence
    for (const line of frame.usage) add(usage, line)
    to = frame.sequence
  }
  close(true)
  return merged
}

function add(usage: Map<string, UsageLine>, line: UsageLine): void {
  const { requests, credits, ...facts } = line
  const key = JSON.stringify(facts)
  const known = usage.get(key)
  if (known === undefined) usage.set(key, { ...line })
  else {
    known.requests += requests
    known.credits += credits
  }
}
