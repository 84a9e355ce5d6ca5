import { type UsageLine, usageLinesMax } from '@mooring/protocol/metering/wire'
import type { Cell } from './cells.ts'
import type { Purse } from './purse.ts'

/** What one cell adds to a frame. */
export type Entry = { cell: Cell; requests: number; credits: number }
/** A frame that has reached all that it must reach. */
export type StoredFrame = { sequence: number; entries: readonly Entry[] }

/** Batches that wait to be posted, at most; see `isFull`. */
const batchesMax = 16

/** Frames merged for one post: numbered `from` to `to`, none where `to` is `from` − 1. */
export class Batch {
  readonly from: number
  to: number
  readonly usage: UsageLine[] = []
  /** What the frames charge. */
  readonly charges = new Map<Purse, number>()
  readonly #lines = new Map<Cell, UsageLine>()

  constructor(from: number) {
    this.from = from
    this.to = from - 1
  }

  get isEmpty(): boolean {
    return this.to < this.from
  }

  add({ sequence, entries }: StoredFrame): void {
    for (const { cell, requests, credits } of entries) {
      const line = this.#lines.get(cell)
      if (line === undefined) this.#begin(cell, { ...cell.facts, requests, credits })
      else {
        line.requests += requests
        line.credits += credits
      }
      const { purse } = cell
      if (purse === undefined || credits === 0) continue
      this.charges.set(purse, (this.charges.get(purse) ?? 0) + credits)
    }
    this.to = sequence
  }

  #begin(cell: Cell, line: UsageLine): void {
    this.#lines.set(cell, line)
    this.usage.push(line)
  }
}

/** Frames that are written and not posted, merged as far as one post may hold. */
export class Batches {
  readonly #closed: Batch[] = []
  #open = new Batch(1)
  /** Sent, and not answered: it is sent again as it is. */
  #sent: Batch | undefined

  /** So much waits that what nobody pays for is better not kept. */
  get isFull(): boolean {
    return this.#closed.length >= batchesMax
  }

  get isEmpty(): boolean {
    return this.#sent === undefined && this.#closed.length === 0 && this.#open.isEmpty
  }

  /** Frames that are not confirmed. */
  get frames(): number {
    const all = [...(this.#sent === undefined ? [] : [this.#sent]), ...this.#closed, this.#open]
    return all.reduce((sum, { from, to }) => sum + to - from + 1, 0)
  }

  add(frame: StoredFrame): void {
    // As if no line were in it yet: a frame goes into one batch as a whole.
    if (this.#open.usage.length + frame.entries.length > usageLinesMax) {
      this.#closed.push(this.#open)
      this.#open = new Batch(frame.sequence)
    }
    this.#open.add(frame)
  }

  /** The next to post: the same until it is confirmed. It may hold no frame. */
  next(): Batch {
    if (this.#sent !== undefined) return this.#sent
    const batch = this.#closed.shift() ?? this.#open
    if (batch === this.#open) this.#open = new Batch(batch.to + 1)
    this.#sent = batch
    return batch
  }

  /** Whether nothing is left to post after it. */
  isLast(batch: Batch): boolean {
    return batch === this.#sent && this.#closed.length === 0 && this.#open.isEmpty
  }

  /** Begins with frame 1. */
  startAnew(): void {
    this.#closed.length = 0
    this.#sent = undefined
    this.#open = new Batch(1)
  }

  /** The one that was taken is in the books. */
  confirm(): void {
    this.#sent = undefined
  }
}
