import { join } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'
import { headOf, segmentName } from './segments.ts'

/** From this size on the next frame goes into another file. */
const segmentBytesMax = 16 * 1_048_576

/** What a reply waits for: nothing, that the system has its frame, that the disk has it, that a witness has it, too. */
export type Durability = 'none' | 'process' | 'disk' | 'copy'

/** A place that frames must reach before the replies in them leave. */
export type Sink = {
  /**
   * Takes frames in their order. Throws, or rejects, where they do not get there.
   *
   * @returns Undefined when they are there.
   */
  put(text: string, last: number): Promise<void> | undefined
}

/** A place beside the log that frames must reach as well. */
export type Beside = Sink & {
  /** Frames up to this one are in the books. */
  confirm(last: number): void
  /** What was put after `last` is void, and its numbers are given to others. Throws while frames do not get there. */
  mend(last: number): void
  close(): Promise<void>
}

type Segment = { path: string; file: DiskFile; bytes: number; first: number; last: number }

/** The frames of one epoch in files of a directory; files whose frames the ledger has confirmed are deleted. */
export class LogWriter implements Sink {
  readonly #options: WriterOptions
  readonly #full: { path: string; last: number }[] = []
  #segment: Segment | undefined
  /** Of the present file: what is behind it is not to be believed once writing has failed. */
  #safeBytes = 0
  /** Where in the present file what was put ends, while it is not known whether it gets everywhere; in order. */
  #ends: { last: number; bytes: number }[] = []
  #hasFailed = false
  #last = 0
  #syncing: Promise<void> | undefined
  #syncNext: Promise<void> | undefined

  constructor(options: WriterOptions) {
    this.#options = options
  }

  /** Bytes of the present file. */
  get bytes(): number {
    return this.#segment?.bytes ?? 0
  }

  /** Whether the disk has not said yet what became of something. */
  get isBusy(): boolean {
    return this.#syncing !== undefined || this.#syncNext !== undefined
  }

  /**
   * Writes who keeps the log, before the ledger leases anything: what was leased to a process that is killed is given back
   * by the next, which finds its epoch here. Throws where it cannot.
   */
  begin(): void {
    try {
      this.#segmentFor(1)
    } catch (error) {
      this.#fail(error)
    }
  }

  put(text: string, last: number): Promise<void> | undefined {
    try {
      const segment = this.#write(text, last)
      if (!this.#isSynced) {
        this.#safeBytes = segment.bytes
        return undefined
      }
      const beside = this.#options.beside?.put(text, last)
      return Promise.all([this.#sync(segment), beside]).then(
        () => this.#keep(last),
        (error) => this.#fail(error),
      )
    } catch (error) {
      return this.#fail(error)
    }
  }

  /** Deletes files whose frames are all up to `last`. */
  confirm(last: number): void {
    this.#options.beside?.confirm(last)
    while (this.#full[0] !== undefined && this.#full[0].last <= last) {
      const { path } = this.#full[0]
      this.#options.disk.remove(path)
      this.#full.shift()
    }
  }

  /** After a failure: cuts off what was not written as a whole, and goes on in another file. Throws when it cannot. */
  mend(last: number): void {
    this.#options.beside?.mend(last)
    const segment = this.#segment
    if (segment !== undefined) {
      segment.file.truncate(this.#safeBytes)
      segment.last = last
      this.#end(segment)
      this.#segment = undefined
    }
    this.#last = last
    // To see that there is room, before anybody relies on it.
    this.#segment = this.#begin(last + 1)
    this.#ends = []
    this.#hasFailed = false
  }

  /** @param options.isTold - Whether the ledger has closed the epoch; else its last file stays, to tell of it. */
  async close({ isTold }: { isTold: boolean }): Promise<void> {
    await this.#syncNext?.catch(() => undefined)
    await this.#syncing?.catch(() => undefined)
    const segment = this.#segment
    this.#segment = undefined
    if (isTold) {
      if (segment !== undefined) this.#end(segment)
      this.confirm(Number.POSITIVE_INFINITY)
    } else segment?.file.close()
    await this.#options.beside?.close()
  }

  get #isSynced(): boolean {
    const { durability } = this.#options
    return durability === 'disk' || durability === 'copy'
  }

  #write(text: string, last: number): Segment {
    const segment = this.#segmentFor(last)
    segment.bytes += segment.file.write(text)
    segment.last = last
    this.#last = last
    if (this.#isSynced) this.#ends.push({ last, bytes: segment.bytes })
    return segment
  }

  #fail(error: unknown): never {
    this.#hasFailed = true
    throw error
  }

  /** It is everywhere, and all before it. */
  #keep(last: number): void {
    // What comes after something that was lost is void with it.
    if (this.#hasFailed) return
    while (this.#ends[0] !== undefined && this.#ends[0].last <= last) {
      this.#safeBytes = this.#ends[0].bytes
      this.#ends.shift()
    }
  }

  #segmentFor(last: number): Segment {
    const segment = this.#segment
    // What may have to be cut off again stays in one file.
    const isHeld = this.isBusy || this.#ends.length > 0
    if (segment !== undefined && (segment.bytes < segmentBytesMax || isHeld)) return segment
    if (segment !== undefined) this.#end(segment)
    this.#segment = undefined
    this.#segment = this.#begin(Math.min(last, this.#last + 1))
    return this.#segment
  }

  #begin(first: number): Segment {
    const { disk, directory, instance, epoch } = this.#options
    const path = join(directory, segmentName(epoch, first))
    const file = disk.create(path)
    try {
      if (this.#isSynced) disk.syncNames(directory)
      const bytes = file.write(headOf(instance, epoch))
      this.#safeBytes = bytes
      return { path, file, bytes, first, last: first - 1 }
    } catch (error) {
      file.close()
      disk.remove(path)
      throw error
    }
  }

  #end({ path, file, first, last }: Segment): void {
    file.close()
    // The next of that name would begin with the same frame.
    if (last < first) this.#options.disk.remove(path)
    else this.#full.push({ path, last })
  }

  /** One at a time: those who come while it runs share the next. */
  #sync(segment: Segment): Promise<void> {
    // Whoever waits for one that failed is told so; the next is another try.
    const before = this.#syncing?.catch(() => undefined) ?? Promise.resolve()
    this.#syncNext ??= before.then(() => {
      const running = segment.file.sync()
      this.#syncNext = undefined
      this.#syncing = running.finally(() => {
        this.#syncing = undefined
      })
      return this.#syncing
    })
    return this.#syncNext
  }
}

export type WriterOptions = {
  directory: string
  instance: string
  epoch: number
  durability: Durability
  disk: Disk
  /** For `copy`. */
  beside?: Beside | undefined
}
