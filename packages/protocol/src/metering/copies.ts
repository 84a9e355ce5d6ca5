/**
 * What is said to a *witness*, which keeps copies of gateways' frames on another machine until they are in the books, with
 * an operator's credential as `Authorization: Bearer …`:
 * `POST /v1/copies/{instance}/{epoch}` takes text: a `CopyHead` and frames, as lines; answers a `CopyAnswer` once the disk
 * has them, or 409 with a `CopyRefusal`;
 * `GET /v1/copies/{instance}/{epoch}?after=N` answers text: a `CopyHead` and the frames after N, as many as one answer may
 * hold and no less than one where there are any; 404 with a `CopyAbsence` where nothing is kept;
 * `DELETE /v1/copies/{instance}/{epoch}?upTo=N` forgets frames up to N, and all of it where none is left;
 * `GET /v1/copies` answers `CopyList`.
 *
 * A gateway that could not reach witnesses refuses the replies of the frames that are under way, and gives their numbers
 * to others: it begins a new *generation*. What a copy of an older generation has behind `after` is void.
 */
export type CopyHead = {
  /** Made up for each epoch that begins: tells a ledger that was set up anew from the one of before. */
  run: string
  generation: number
  /** The last frame that was stored when the generation began. */
  after: number
  /** Frames up to this one are in the books, and need not be kept. */
  booked: number
}

/** @param last - Frames up to this one are kept, or in the books. */
export type CopyAnswer = { last: number; error?: never }

export type CopyRefusal = {
  /**
   * `gap`: frames after `last` are missing. `superseded`: a newer generation has begun. `other-run`: what is kept under
   * this name and number is of another ledger. `full`: no more is kept. `malformed`: `detail` says what.
   */
  error: 'gap' | 'superseded' | 'other-run' | 'full' | 'malformed'
  last: number
  detail: string
}

/** It is a witness that says so. */
export type CopyAbsence = { error: 'absent' }

export type CopyList = { copies: { instance: string; epoch: number; last: number }[] }

/** Bytes of one request or answer, at most. */
export const copyBodyBytesMax = 16 * 1_048_576

/** @returns Undefined where it is none. */
export function parseCopyHead(json: string): CopyHead | undefined {
  const { run, generation, after, booked } = Object(JSON.parse(json)) as Record<string, unknown>
  if (typeof run !== 'string' || !/^[0-9a-f-]{36}$/.test(run)) return undefined
  if (!isCount(generation) || !isCount(after) || !isCount(booked)) return undefined
  return { run, generation, after, booked }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
