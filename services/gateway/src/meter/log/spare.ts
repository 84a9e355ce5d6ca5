import { join } from 'node:path'
import type { Disk, DiskFile } from './disk.ts'

const spareName = 'spare'

export type SpareOptions = {
  directory: string
  disk: Disk
  bytes: number
  /** Whether the disk shall have it before it is needed. */
  isSynced: boolean
}

/** Files of zeros in a directory, one of them made ahead: no reply waits until a new one is filled. */
export class Spare {
  readonly #options: SpareOptions
  readonly #path: string
  #file: DiskFile | undefined
  #preparing: Promise<void> | undefined

  constructor(options: SpareOptions) {
    this.#options = options
    this.#path = join(options.directory, spareName)
  }

  /** A file of that name and at least that length. Throws where there is no room, or one of that name. */
  take(path: string, bytesMin: number): DiskFile {
    const { disk, bytes } = this.#options
    const file = this.#file
    if (file !== undefined && file.bytes >= bytesMin) {
      this.#file = undefined
      try {
        file.rename(path)
        return file
      } catch {
        // To make one tells what is wrong, where it is not this one.
        this.#drop(file)
      }
    }
    return disk.create(path, Math.max(bytes, bytesMin))
  }

  /** Makes the next, unless there is one. */
  prepare(): void {
    if (this.#file !== undefined) return
    this.#preparing ??= this.#prepare().finally(() => {
      this.#preparing = undefined
    })
  }

  async close(): Promise<void> {
    await this.#preparing
    this.#drop(this.#file)
    this.#file = undefined
  }

  async #prepare(): Promise<void> {
    const { disk, bytes, isSynced } = this.#options
    let file: DiskFile | undefined
    try {
      file = await disk.prepare(this.#path, bytes)
      if (isSynced) await file.sync()
      this.#file = file
    } catch {
      // Whoever needs one makes it then, and is told what is wrong.
      this.#drop(file)
    }
  }

  #drop(file: DiskFile | undefined): void {
    if (file === undefined) return
    file.close()
    this.#options.disk.remove(this.#path)
  }
}
