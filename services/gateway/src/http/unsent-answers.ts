import { SharedRoom } from './shared-room.ts'

/** A connection whose client has not read all of an answer yet. */
export type SlowReader = {
  /** Its client has until then to read on: whoever reads least is the first to run out. */
  readonly untilMs: number
  /** Lets the connection go, and calls `remove`. */
  giveUp(): void
}

/**
 * What clients do not read takes memory, which all of them share. When there is too much of it, of one
 * caller or of all, the clients that have stalled longest are given up: never one whose answer comes last,
 * for those that read as they should are the ones that come and go.
 */
export class UnsentAnswers {
  readonly #room: SharedRoom
  /** Those that have read on last stand last. */
  readonly #readers = new Map<SlowReader, { owner: string; bytes: number }>()

  constructor(room = new SharedRoom(unsentRoom)) {
    this.#room = room
  }

  get bytes(): number {
    return this.#room.bytes
  }

  /** @param unsent - `bytes` is the memory that the answer holds until the last of it is sent. */
  add(reader: SlowReader, unsent: { owner: string; bytes: number }): void {
    const { owner, bytes } = unsent
    this.#readers.set(reader, unsent)
    this.#room.take(owner, bytes)
    while (this.#room.isOverPart(owner)) {
      const stalled = this.#longestStalled(reader, owner)
      // An answer that is longer than a part by itself is sent all the same.
      if (stalled === undefined) break
      stalled.giveUp()
    }
    while (this.#room.isOver) (this.#longestStalled(reader) ?? reader).giveUp()
  }

  /** The client has read on. */
  readOn(reader: SlowReader): void {
    const unsent = this.#readers.get(reader)
    if (unsent === undefined) return
    this.#readers.delete(reader)
    this.#readers.set(reader, unsent)
  }

  remove(reader: SlowReader): void {
    const unsent = this.#readers.get(reader)
    if (unsent === undefined) return
    this.#readers.delete(reader)
    this.#room.take(unsent.owner, -unsent.bytes)
  }

  #longestStalled(newest: SlowReader, owner?: string): SlowReader | undefined {
    let found: SlowReader | undefined
    for (const [reader, unsent] of this.#readers) {
      if (reader === newest || (owner !== undefined && unsent.owner !== owner)) continue
      if (found === undefined || reader.untilMs < found.untilMs) found = reader
    }
    return found
  }
}

/** Answers that clients do not read may hold this much memory, all together and of one caller. */
const unsentRoom = { bytesMax: 256 * 1_048_576, partBytesMax: 64 * 1_048_576 }
