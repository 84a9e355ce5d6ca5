import type { Exchange, RpcAnswer } from '../exchange.ts'
import type { Entry, StoredFrame } from './batch.ts'
import type { Cell } from './cells.ts'
import { encodeFrame } from './log/frame.ts'
import type { Sink } from './log/writer.ts'

/** Lines of one frame, at most. */
const frameLinesMax = 4_096
/** Cells that wait for a frame, at most. What nobody pays for is not counted beyond it. */
const dirtyMax = 200_000

/** A reply that leaves when its frame is stored. */
export type Reply = {
  /** Says what is charged. */
  exchange: Exchange
  answer: RpcAnswer
  /** Sends it; another one where the frame could not be stored. */
  send: (answer: RpcAnswer) => void
  cell: Cell
}

/** What is stored together: frames, and the replies that wait for them. */
type Group = { frames: StoredFrame[]; replies: readonly Reply[]; isDropped: boolean }

export type RecorderContext = {
  /** Whether replies wait at all. */
  waits: boolean
  /** A frame is stored, in the order of their numbers. */
  onStored: (frame: StoredFrame) => void
  /** Frames could not be stored: nothing is charged for their replies. */
  onFailed: (error: unknown) => void
  /** What is answered instead, and where that is counted. */
  refuse: (reply: Reply) => { answer: RpcAnswer; cell: Cell }
  onWritten: () => void
  /** Replies that waited were sent. */
  onSent: () => void
}

/**
 * Gathers what is used in one turn of the event loop, and writes it before the replies of that turn leave: a lonely
 * request waits for nothing but its own frame, and many share one.
 */
export class Recorder {
  readonly #context: RecorderContext
  /** Every frame reaches all of them. None before the ledger has given the epoch a number. */
  #sinks: readonly Sink[] = []
  #dirty: Cell[] = []
  #replies: Reply[] = []
  #isScheduled = false
  #sequence = 0
  #stored = 0
  #unstored: Group[] = []
  #isFailing = false
  readonly #flush = () => {
    this.#isScheduled = false
    this.flush()
  }

  constructor(context: RecorderContext) {
    this.#context = context
  }

  /** Whether nothing can be written at present, so that nothing may be charged. */
  get isFailing(): boolean {
    return this.#isFailing
  }

  /** The last frame that is stored. */
  get stored(): number {
    return this.#stored
  }

  get isDirty(): boolean {
    return this.#dirty.length > 0
  }

  /** Begins with frame 1. */
  open(sinks: readonly Sink[]): void {
    this.#sinks = sinks
    this.#sequence = 0
    this.#stored = 0
    this.#isFailing = false
  }

  /** Frames are written no more, until it is opened again. */
  close(): void {
    this.#sinks = []
  }

  /** Counts a request that is answered without waiting. */
  count(cell: Cell): void {
    if (cell.requests === 0) {
      if (this.#dirty.length >= dirtyMax) return
      this.#dirty.push(cell)
    }
    cell.requests++
  }

  /** Counts a request that is charged, and sends its reply once that is stored. */
  charge(reply: Reply): void {
    const { cell, exchange } = reply
    if (cell.requests === 0) this.#dirty.push(cell)
    cell.requests++
    cell.credits += exchange.charged
    this.#replies.push(reply)
    if (!this.#context.waits) reply.send(reply.answer)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#flush)
  }

  /** Writes what was counted since. */
  flush(): void {
    if (this.#dirty.length === 0) return
    if (this.#sinks.length === 0 || this.#isFailing) {
      this.#refuseReplies()
      return
    }
    const group: Group = { frames: [], replies: this.#replies, isDropped: false }
    const text = this.#frame(this.#dirty, group.frames)
    this.#dirty = []
    this.#replies = []
    this.#unstored.push(group)
    const reached: Promise<void>[] = []
    try {
      // One by one: where one sink does not take it, none behind it is asked.
      for (const sink of this.#sinks) {
        const waiting = sink.put(text, this.#sequence)
        if (waiting !== undefined) reached.push(waiting)
      }
    } catch (error) {
      this.fail(error)
      return
    }
    this.#context.onWritten()
    if (reached.length === 0) this.#settle(group)
    else {
      void Promise.all(reached).then(
        () => this.#settle(group),
        (error) => {
          if (!group.isDropped) this.fail(error)
        },
      )
    }
  }

  /** Resolves when all that was written is stored, or has failed. */
  async settled(): Promise<void> {
    while (this.#unstored.length > 0) await Bun.sleep(settlePaceMs)
  }

  /** Writing works again. */
  mended(): void {
    this.#isFailing = false
  }

  #frame(cells: readonly Cell[], frames: StoredFrame[]): string {
    let text = ''
    for (let at = 0; at < cells.length; at += frameLinesMax) {
      const entries: Entry[] = []
      const lines: string[] = []
      // A copy of a few cells costs as much as all else that is done with them here.
      const some = cells.length <= frameLinesMax ? cells : cells.slice(at, at + frameLinesMax)
      for (const cell of some) {
        const { requests, credits } = cell
        entries.push({ cell, requests, credits })
        lines.push(`${cell.start}${requests},"credits":${credits}}`)
        cell.requests = 0
        cell.credits = 0
      }
      const sequence = ++this.#sequence
      frames.push({ sequence, entries })
      text += encodeFrame(sequence, lines)
    }
    return text
  }

  #settle(group: Group): void {
    if (group.isDropped) return
    // The sinks store in order, so it is the first.
    this.#unstored.shift()
    for (const frame of group.frames) {
      this.#stored = frame.sequence
      this.#context.onStored(frame)
    }
    if (!this.#context.waits) return
    for (const { send, answer } of group.replies) send(answer)
    this.#context.onSent()
  }

  /** What is behind the last stored frame is not to be believed: it is not charged, and its replies do not leave. */
  fail(error: unknown): void {
    this.#isFailing = true
    this.#sequence = this.#stored
    const groups = this.#unstored
    this.#unstored = []
    this.#context.onFailed(error)
    for (const group of groups) {
      group.isDropped = true
      this.#refuse(group.replies)
    }
  }

  #refuseReplies(): void {
    const replies = this.#replies
    this.#replies = []
    for (const { cell, exchange } of replies) {
      cell.credits -= exchange.charged
      // A reply that waited for nothing has left as what it is counted for.
      if (this.#context.waits) cell.requests--
    }
    this.#dirty = this.#dirty.filter(({ requests }) => requests > 0)
    this.#refuse(replies)
  }

  #refuse(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const { answer, cell } = this.#context.refuse(reply)
      if (!this.#context.waits) continue
      this.count(cell)
      reply.send(answer)
    }
  }
}

/** How often it is looked whether the disk has taken what was written. */
const settlePaceMs = 5
