import { type CopyHead, type CopyRefusal, parseCopyHead } from '@mooring/protocol/metering/copies'
import { parseFrame } from '@mooring/protocol/metering/frame'
import { jsonsOf, lineOf } from './lines.ts'

/** @param json - The frame as it came. */
export type KeptFrame = { sequence: number; json: string }

/** What is kept of one epoch: frames after `booked`, in order and without a gap. */
export type CopyState = CopyHead & { frames: readonly KeptFrame[] }

/** What a gateway sends, and what stands in a file one after the other. */
export type Parcel = { head: CopyHead; frames: KeptFrame[] }

export type Accepted =
  | { kind: 'kept'; state: CopyState; fresh: readonly KeptFrame[] }
  | { kind: 'refused'; refusal: CopyRefusal }

/** Frames up to this one are kept, or in the books. */
export function lastOf({ frames, booked }: CopyState): number {
  return Math.max(booked, frames.at(-1)?.sequence ?? 0)
}

/** Takes a parcel in: what is there already is passed over, and a gap is refused. */
export function accept(before: CopyState | undefined, { head, frames }: Parcel): Accepted {
  const state = before ?? { ...head, frames: [] }
  const last = lastOf(state)
  if (state.run !== head.run) {
    const detail = 'frames of another ledger are kept here under this name and number'
    return refused({ error: 'other-run', last, detail })
  }
  if (head.generation < state.generation) {
    return refused({ error: 'superseded', last, detail: `generation ${state.generation} is newer` })
  }
  const next = advanced(state, head)
  const fresh = frames.filter(({ sequence }) => sequence > lastOf(next))
  const gap = fresh.findIndex(({ sequence }, at) => sequence !== lastOf(next) + 1 + at)
  if (gap >= 0) {
    const kept = lastOf(next)
    return refused({ error: 'gap', last: kept, detail: `frames come next from ${kept + 1}` })
  }
  return { kind: 'kept', state: { ...next, frames: [...next.frames, ...fresh] }, fresh }
}

/** Without frames that are in the books, and without those that a newer generation makes void. */
function advanced(state: CopyState, head: CopyHead): CopyState {
  const isNew = head.generation > state.generation
  const { generation, after } = isNew ? head : state
  const booked = Math.max(state.booked, head.booked)
  const keptUpTo = isNew ? after : Number.POSITIVE_INFINITY
  const frames = state.frames.filter(({ sequence }) => sequence > booked && sequence <= keptUpTo)
  return { run: state.run, generation, after, booked, frames }
}

function refused(refusal: CopyRefusal): Accepted {
  return { kind: 'refused', refusal }
}

/** @returns Undefined where it is none: the first line is a head, and the others are frames. Throws `WrongSum`. */
export function parseParcel(text: string): Parcel | undefined {
  const [head, ...rest] = partsOf(text)
  if (head === undefined || 'sequence' in head) return undefined
  const frames = rest.filter((part) => 'sequence' in part)
  return frames.length === rest.length ? { head, frames } : undefined
}

/**
 * What a file holds; undefined where nothing was written as a whole. A last line that is not whole is passed over. Throws
 * `WrongSum`, and `NoCopy` for anything else that is wrong.
 */
export function parseCopy(text: string): CopyState | undefined {
  let state: CopyState | undefined
  for (const parcel of parcelsOf(partsOf(text))) {
    const accepted = accept(state, parcel)
    if (accepted.kind === 'refused') throw new NoCopy(accepted.refusal.detail)
    state = accepted.state
  }
  return state
}

export class NoCopy extends Error {
  override name = 'NoCopy'
}

export function textOf(head: CopyHead, frames: readonly KeptFrame[]): string {
  const { run, generation, after, booked } = head
  const first = lineOf(JSON.stringify({ run, generation, after, booked }))
  return first + frames.map(({ json }) => lineOf(json)).join('')
}

function parcelsOf(parts: readonly (CopyHead | KeptFrame)[]): Parcel[] {
  const parcels: Parcel[] = []
  for (const part of parts) {
    const parcel = parcels.at(-1)
    if (!('sequence' in part)) parcels.push({ head: part, frames: [] })
    else if (parcel === undefined) throw new NoCopy('does not begin as a copy does')
    else parcel.frames.push(part)
  }
  return parcels
}

function partsOf(text: string): (CopyHead | KeptFrame)[] {
  return jsonsOf(text).map((json) => {
    const part = partOf(json)
    if (part === undefined) throw new NoCopy('holds a line that is neither a head nor a frame')
    return part
  })
}

function partOf(json: string): CopyHead | KeptFrame | undefined {
  try {
    const frame = parseFrame(json)
    return frame === undefined ? parseCopyHead(json) : { sequence: frame.sequence, json }
  } catch {
    return undefined
  }
}
