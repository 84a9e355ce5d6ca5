import type { MeterReport } from '@mooring/protocol/reports/meter'
import type { Clock } from '@mooring/telemetry/clock'
import type { MeterSettings } from '../config.ts'
import type { Events } from '../events.ts'
import type { Batches } from './batch.ts'
import { Copies } from './copies/copies.ts'
import type { Ledger } from './ledger.ts'
import type { Disk } from './log/disk.ts'
import { type LoggedEpoch, readEpochs, removeFilesOf } from './log/segments.ts'
import { LogWriter } from './log/writer.ts'
import { type Epoch, Poster } from './poster.ts'
import type { Purses } from './purses.ts'
import type { Recorder } from './recorder.ts'
import { recover } from './recovery.ts'
import { meterStopped } from './refusals.ts'
import type { Tariff } from './tariff.ts'

/** Between two tries to begin an epoch. */
const beginRetryMs = 1_000
/** How long the ledger is told the rest when the gateway stops. */
const closeMs = 5_000

export type EpochsContext = {
  settings: MeterSettings
  clock: Clock
  events: Events
  disk: Disk
  ledger: Ledger
  purses: Purses
  batches: Batches
  recorder: Recorder
  tariff: Tariff
  /** Ends every wait. */
  aborting: AbortController
}

/**
 * The epochs of this gateway, one after the other: each begins with the ledger's number for it, has a log and a poster of
 * its own, and ends when the gateway stops or the ledger says so.
 */
export class Epochs {
  readonly #context: EpochsContext
  #epoch: Epoch | undefined
  #poster: Poster | undefined
  #writer: LogWriter | undefined
  #copies: Copies | undefined
  #isFenced = false
  #isStopping = false
  /** In the log, of epochs that have ended. */
  #left: readonly LoggedEpoch[]
  #recovering: Promise<void> = Promise.resolve()

  /** @param left - What earlier processes have left in the log. */
  constructor(context: EpochsContext, left: readonly LoggedEpoch[]) {
    this.#context = context
    this.#left = left
  }

  /** Undefined until the ledger has given it a number. */
  get number(): number | undefined {
    return this.#epoch?.epoch
  }

  /** Whether another process has begun under the name of this instance. */
  get isFenced(): boolean {
    return this.#isFenced
  }

  /** Frames up to this one are in the books. */
  get confirmed(): number {
    return this.#poster?.confirmed ?? 0
  }

  get logBytes(): number {
    return this.#writer?.bytes ?? 0
  }

  get copies(): MeterReport['copies'] {
    return this.#copies?.report() ?? null
  }

  /** The next post is due at once. */
  wake(): void {
    this.#poster?.wake()
  }

  /** Runs until it is stopped. */
  async run(): Promise<void> {
    const { clock, events, ledger, settings, tariff, aborting } = this.#context
    const { signal } = aborting
    while (!this.#isStopping) {
      const sentMs = clock.nowMs()
      const begun = await ledger.begin()
      if (begun.kind === 'answer') {
        events.ledgerAnswered()
        tariff.tell(begun.answer.prices, clock.nowMs())
        await this.#live({ instance: settings.instance, ...begun.answer }, sentMs)
      } else if (!signal.aborted) events.ledgerSilent(begun.why)
      if (!this.#isStopping) await clock.sleep(beginRetryMs, signal)
    }
    aborting.abort()
    await this.#recovering
  }

  /** Has the ledger told the rest, as far as it listens. */
  stop(): void {
    this.#isStopping = true
    if (this.#poster === undefined) this.#context.aborting.abort()
    else this.#poster.stop()
  }

  /** Tries whether the log can be written again. */
  mend(): void {
    const { recorder, events } = this.#context
    const writer = this.#writer
    if (!recorder.isFailing || writer === undefined || writer.isBusy) return
    try {
      writer.mend(recorder.stored)
    } catch {
      // Told when it began, and tried again soon.
      return
    }
    recorder.mended()
    events.meterWrites()
  }

  async #live(epoch: Epoch, sentMs: number): Promise<void> {
    const { events, disk, settings, purses, batches, recorder, aborting } = this.#context
    const { directory, durability, instance } = settings
    const beside = this.#openCopies(epoch)
    const own = { directory, durability, instance, epoch: epoch.epoch }
    const writer = new LogWriter({ ...own, disk, beside })
    const poster = this.#createPoster(epoch, writer)
    this.#epoch = epoch
    this.#writer = writer
    this.#copies = beside
    this.#poster = poster
    batches.startAnew()
    recorder.flush()
    purses.startAnew()
    purses.renew(sentMs, epoch.leaseMs)
    recorder.open([writer])
    events.epochBegan(epoch.epoch)
    this.#recover(epoch.epoch)
    try {
      writer.begin()
    } catch (error) {
      recorder.fail(error)
    }
    const end = this.#isStopping ? undefined : await poster.run(aborting.signal)
    await this.#close(poster, writer, end?.isTaken !== false)
    if (end === undefined) return
    // What was charged since the last frame is in none: it is refused before purses forget what they were charged.
    recorder.flush()
    purses.startAnew()
    events.epochEnded(epoch.epoch, end.why)
    this.#left = readEpochs(directory)
  }

  #openCopies({ instance, epoch }: Epoch): Copies | undefined {
    const { clock, events, settings } = this.#context
    const { copies: witnesses, copiesMin: min } = settings
    if (witnesses.length === 0) return undefined
    return new Copies({ instance, epoch, witnesses, min, clock, events })
  }

  async #close(poster: Poster, writer: LogWriter, isTaken: boolean): Promise<void> {
    const { clock, recorder } = this.#context
    recorder.flush()
    await recorder.settled()
    const isTold = isTaken && (await poster.close(clock.nowMs() + closeMs))
    recorder.close()
    await writer.close({ isTold })
  }

  #createPoster(epoch: Epoch, writer: LogWriter): Poster {
    const { clock, events, ledger, purses, batches, tariff, recorder } = this.#context
    return new Poster(epoch, {
      clock,
      events,
      ledger,
      purses,
      batches,
      tariff,
      // What nobody pays for is counted on until there is room again.
      flush: () => void (batches.isFull || recorder.flush()),
      isDirty: () => recorder.isDirty && !recorder.isFailing && !batches.isFull,
      onConfirmed: (last) => writer.confirm(last),
      onFenced: () => {
        this.#isFenced = true
        purses.end(meterStopped())
        events.meterFenced(epoch.epoch)
      },
    })
  }

  /** What earlier epochs have left, one after the other and beside the present one. */
  #recover(present: number): void {
    const { ledger, clock, events, aborting } = this.#context
    const earlier = this.#left.filter(({ epoch }) => epoch < present)
    // Numbers only go up, so whoever gave these was another ledger: in this one they are somebody else's.
    for (const logged of this.#left.filter((each) => each.epoch >= present)) {
      const { epoch, frames } = logged
      if (frames.length === 0) {
        removeFilesOf(logged)
        continue
      }
      const why = `the ledger is only at epoch ${present}: it is not the one that the log was kept for`
      events.epochRecovered({ epoch, frames: frames.length, why })
    }
    this.#left = []
    const context = { ledger, clock, events, signal: aborting.signal }
    this.#recovering = this.#recovering.then(() => recover(earlier, context))
  }
}
