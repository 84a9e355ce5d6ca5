import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs'

/** Files that are written from their beginning to their end. */
export type Disk = {
  /** An empty file. Throws where there is one of that name: it may hold what is not charged yet. */
  create(path: string): DiskFile
  /** The names of new files in a directory outlive the machine, too. */
  syncNames(directory: string): void
  remove(path: string): void
}

export type DiskFile = {
  /** Adds a text as a whole, and says how many bytes it was. Throws where there is no room; a part may be there then. */
  write(text: string): number
  /** Resolves when what was written outlives the machine. */
  sync(): Promise<void>
  truncate(bytes: number): void
  close(): void
}

/** Texts that surely fit are encoded in a place that each file keeps: to make one for each costs more than to fill it. */
const scratchBytes = 65_536
/** Of one UTF-16 unit in UTF-8, at most. */
const unitBytesMax = 3

export const systemDisk: Disk = {
  create(path) {
    const file = openSync(path, 'wx', 0o600)
    const scratch = Buffer.allocUnsafe(scratchBytes)
    return {
      // At once: to leave it to another thread takes longer than the system does to take it.
      write(text) {
        const isShort = text.length * unitBytesMax <= scratchBytes
        const bytes = isShort ? scratch : Buffer.from(text)
        const end = isShort ? scratch.write(text) : bytes.length
        let written = 0
        while (written < end) written += writeSync(file, bytes, written, end - written)
        return written
      },
      sync: () =>
        new Promise((resolve, reject) => {
          fdatasync(file, (error) => (error === null ? resolve() : reject(error)))
        }),
      truncate: (bytes) => ftruncateSync(file, bytes),
      close: () => closeSync(file),
    }
  },
  syncNames(directory) {
    const names = openSync(directory, 'r')
    try {
      fsyncSync(names)
    } finally {
      closeSync(names)
    }
  },
  remove: (path) => rmSync(path, { force: true }),
}
