import type { CopyHead } from '@mooring/protocol/metering/copies'
import type { MeterReport } from '@mooring/protocol/reports/meter'
import type { Clock } from '@mooring/telemetry/clock'
import type { CopySettings } from '../../config.ts'
import type { Events } from '../../events.ts'
import type { Beside } from '../log/writer.ts'
import { KeptFrames } from './kept-frames.ts'
import { WitnessLink } from './witness-link.ts'

/** How long a reply waits for witnesses: longer than one request to one of them, so that it can be sent again. */
const copyWaitMs = 4_000
/** Letters of frames that are not in the books: more than leases let a gateway serve while the ledger is away. */
const keptLengthMax = 256 * 1_048_576

export type CopiesOptions = {
  instance: string
  epoch: number
  witnesses: readonly CopySettings[]
  /** So many must have a frame. */
  min: number
  clock: Clock
  events: Events
  waitMs?: number
  keptLengthMax?: number
}

type Waiting = {
  last: number
  untilMs: number
  resolve: () => void
  reject: (error: Error) => void
}

/** The frames of one epoch at witnesses on other machines. */
export class Copies implements Beside {
  readonly #options: CopiesOptions
  readonly #links: readonly WitnessLink[]
  readonly #kept: KeptFrames
  readonly #run = crypto.randomUUID()
  readonly #aborting = new AbortController()
  readonly #running: Promise<unknown>
  #generation = 1
  #after = 0
  #booked = 0
  #last = 0
  /** In order. */
  #waiting: Waiting[] = []
  #isWatching = false

  constructor(options: CopiesOptions) {
    const { witnesses, instance, epoch, clock, events } = options
    this.#options = options
    this.#kept = new KeptFrames(options.keptLengthMax ?? keptLengthMax)
    const context = {
      ...{ clock, signal: this.#aborting.signal, path: `/v1/copies/${instance}/${epoch}` },
      head: () => this.#head(),
      framesAfter: (last: number) => this.#kept.after(last),
      onReached: () => this.#settle(),
    }
    this.#links = witnesses.map((witness, at) => {
      const onChanged = (why: string | undefined) => events.witnessChanged(at + 1, why)
      return new WitnessLink({ ...context, witness, onChanged })
    })
    this.#running = Promise.all(this.#links.map((link) => link.run()))
  }

  /** Rejects when too few witnesses have them in time; so does all that was put and is not there by then. */
  put(text: string, last: number): Promise<void> {
    this.#kept.add(text, last)
    this.#last = last
    const { clock, waitMs = copyWaitMs } = this.#options
    const untilMs = clock.nowMs() + waitMs
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.push({ last, untilMs, resolve, reject })
    this.#wake()
    if (!this.#isWatching) void this.#watch()
    return promise
  }

  confirm(last: number): void {
    this.#booked = Math.max(this.#booked, Math.min(last, this.#last))
    this.#kept.dropUpTo(last)
  }

  mend(last: number): void {
    if (this.#last > last) {
      this.#giveUp()
      this.#kept.dropAfter(last)
      this.#last = last
      this.#after = last
      this.#generation++
      this.#wake()
    }
    if (this.#reached() < last) throw copiesMissing()
  }

  async close(): Promise<void> {
    this.#aborting.abort()
    this.#giveUp()
    await this.#running
  }

  report(): MeterReport['copies'] {
    const witnesses = this.#links.map((link) => ({
      answers: link.answers,
      frames: Math.max(link.lastOf(this.#generation) ?? 0, 0),
    }))
    return { min: this.#options.min, witnesses }
  }

  #head(): CopyHead {
    const [generation, after, booked] = [this.#generation, this.#after, this.#booked]
    return { run: this.#run, generation, after, booked }
  }

  #wake(): void {
    for (const link of this.#links) link.wake()
  }

  /** The last frame that enough of them have; −1 where too few have heard of the generation. */
  #reached(): number {
    const lasts = this.#links.map((link) => link.lastOf(this.#generation) ?? -1)
    return lasts.sort((one, other) => other - one)[this.#options.min - 1] ?? -1
  }

  #settle(): void {
    const reached = this.#reached()
    while (this.#waiting[0] !== undefined && this.#waiting[0].last <= reached) {
      this.#waiting.shift()?.resolve()
    }
  }

  /** Numbers are given anew from the last that is everywhere, so none of those that wait may still get there. */
  #giveUp(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { reject } of waiting) reject(copiesMissing())
  }

  async #watch(): Promise<void> {
    const { clock } = this.#options
    this.#isWatching = true
    while (this.#waiting[0] !== undefined) {
      const leftMs = this.#waiting[0].untilMs - clock.nowMs()
      if (leftMs <= 0) this.#giveUp()
      else await clock.sleep(leftMs, this.#aborting.signal)
    }
    this.#isWatching = false
  }
}

function copiesMissing(): Error {
  const error = new Error('too few witnesses have what was used')
  return Object.assign(error, { code: 'COPIES_MISSING' })
}
