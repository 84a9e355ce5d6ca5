import { join } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'
import { endOf, headOf, segmentName } from './segments.ts'
import { Spare } from './spare.ts'
import { unitBytesMax } from './store.ts'

/** Of each file; one that is begun with more at once is longer. */
const segmentBytes = 4 * 1_048_576

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
  readonly #isSynced: boolean
  readonly #spare: Spare
  /** Not written any more, in order. */
  readonly #full: { path: string; first: number; last: number }[] = []
  #segment: Segment | undefined
  #last = 0
  /** With something that the disk is still to be asked to keep. */
  readonly #unsynced = new Set<DiskFile>()
  /** Full, and closed as soon as the disk has said what became of them. */
  #closing: DiskFile[] = []
  #syncing: Promise<void> | undefined
  #syncNext: Promise<void> | undefined

  constructor(options: WriterOptions) {
    const { directory, disk, durability } = options
    const isSynced = durability === 'disk' || durability === 'copy'
    this.#options = options
    this.#isSynced = isSynced
    this.#spare = new Spare({ directory, disk, isSynced, bytes: segmentBytes })
  }

  /** What is written in the present file. */
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
    this.#segment ??= this.#begin(1)
  }

  put(text: string, last: number): Promise<void> | undefined {
    this.#write(text, last)
    if (!this.#isSynced) return undefined
    const beside = this.#options.beside?.put(text, last)
    return Promise.all([this.#sync(), beside]).then(() => undefined)
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

  /** After a failure: what is behind `last` is void, and its numbers are given anew in another file. Throws when it cannot. */
  mend(last: number): void {
    this.#dropAfter(last)
    this.#options.beside?.mend(last)
    this.#last = last
    // To see that there is room, before anybody relies on it.
    this.#segment = this.#begin(last + 1)
  }

  /** @param options.isTold - Whether the ledger has closed the epoch; else its last file stays, to tell of it. */
  async close({ isTold }: { isTold: boolean }): Promise<void> {
    await this.#syncNext?.catch(() => undefined)
    await this.#syncing?.catch(() => undefined)
    await this.#spare.close()
    const segment = this.#segment
    this.#segment = undefined
    this.#unsynced.clear()
    if (isTold) {
      if (segment !== undefined) this.#end(segment)
      this.confirm(Number.POSITIVE_INFINITY)
    } else segment?.file.close()
    this.#closeFull()
    await this.#options.beside?.close()
  }

  #write(text: string, last: number): void {
    const segment = this.#segmentFor(text, last)
    // First, as a part of it may be there when it fails.
    segment.last = last
    segment.bytes += segment.file.write(text)
    this.#last = last
    if (this.#isSynced) this.#unsynced.add(segment.file)
  }

  /** The present file where the text fits, else another. */
  #segmentFor(text: string, last: number): Segment {
    const segment = this.#segment
    if (segment !== undefined) {
      const leftBytes = segment.file.bytes - segment.bytes
      if (text.length * unitBytesMax <= leftBytes) return segment
      if (Buffer.byteLength(text) <= leftBytes) return segment
      // Even where no reply waits for it: when the power fails, what comes next shall not be on the disk without this.
      this.#unsynced.add(segment.file)
      this.#sync().catch(() => undefined)
      this.#end(segment)
      this.#segment = undefined
    }
    this.#segment = this.#begin(Math.min(last, this.#last + 1), text)
    return this.#segment
  }

  /** @param text - Fits in as well. */
  #begin(first: number, text = ''): Segment {
    const { disk, directory, instance, epoch } = this.#options
    const path = join(directory, segmentName(epoch, first))
    const head = headOf(instance, epoch)
    const file = this.#spare.take(path, Buffer.byteLength(head) + Buffer.byteLength(text))
    try {
      if (this.#isSynced) disk.syncNames(directory)
      const bytes = file.write(head)
      this.#spare.prepare()
      return { path, file, bytes, first, last: first - 1 }
    } catch (error) {
      file.close()
      disk.remove(path)
      throw error
    }
  }

  #end({ path, file, first, last }: Segment): void {
    this.#closing.push(file)
    if (!this.isBusy) this.#closeFull()
    // The next of that name would begin with the same frame.
    if (last < first) this.#options.disk.remove(path)
    else this.#full.push({ path, first, last })
  }

  #closeFull(): void {
    const isUnsynced = (file: DiskFile) => this.#unsynced.has(file)
    for (const file of this.#closing) if (!isUnsynced(file)) file.close()
    this.#closing = this.#closing.filter(isUnsynced)
  }

  /**
   * A process that is killed before there is another file leaves no frames whose replies were refused. Once there is one,
   * its name says the same, whatever the disk had of this.
   */
  #dropAfter(last: number): void {
    const { disk } = this.#options
    this.#unsynced.clear()
    if (this.#segment !== undefined) this.#end(this.#segment)
    this.#segment = undefined
    for (;;) {
      const file = this.#full.at(-1)
      if (file === undefined || file.last <= last) return
      if (file.first > last) {
        disk.remove(file.path)
        this.#full.pop()
      } else {
        disk.truncate(file.path, endOf(file.path, last))
        file.last = last
      }
    }
  }

  /** One at a time: those who come while it runs share the next. */
  #sync(): Promise<void> {
    // Whoever waits for one that failed is told so; the next is another try.
    const before = this.#syncing?.catch(() => undefined) ?? Promise.resolve()
    this.#syncNext ??= before.then(() => {
      const files = [...this.#unsynced]
      this.#unsynced.clear()
      this.#syncNext = undefined
      this.#syncing = syncAll(files).finally(() => {
        this.#syncing = undefined
        this.#closeFull()
      })
      return this.#syncing
    })
    return this.#syncNext
  }
}

/** Settles when the disk has said what became of each. */
async function syncAll(files: readonly DiskFile[]): Promise<void> {
  const settled = await Promise.allSettled(files.map((file) => file.sync()))
  for (const each of settled) if (each.status === 'rejected') throw each.reason
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
