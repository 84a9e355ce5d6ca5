import {
  closeSync,
  fdatasync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  truncateSync,
  write,
} from 'node:fs'
import { promisify } from 'node:util'
import { openStore, writeWhole } from './store.ts'

/** Files that have their room from the beginning on: that a disk is full is found before anything relies on it. */
export type Disk = {
  /** A file of so many zeros. Throws where there is no room, and where there is one of that name: it may hold what is not charged yet. */
  create(path: string, bytes: number): DiskFile
  /** The same beside other work, in place of what has that name. */
  prepare(path: string, bytes: number): Promise<DiskFile>
  /** The names of new files in a directory outlive the machine, too. */
  syncNames(directory: string): void
  /** Cuts off the end of a file that is closed. */
  truncate(path: string, bytes: number): void
  remove(path: string): void
}

export type DiskFile = {
  /** From its beginning to its end. */
  readonly bytes: number
  /** Puts a text as a whole behind the one before, and says how many bytes it was: it must fit. Where it throws, a part may be there. */
  write(text: string): number
  /** Resolves when what was written outlives the machine. */
  sync(): Promise<void>
  /** Throws where there is one of that name. */
  rename(path: string): void
  close(): void
}

/** What is prepared is written in pieces of it: none of them keeps others waiting for the disk. */
const zeros = Buffer.alloc(262_144)

export const systemDisk: Disk = {
  create(path, bytes) {
    const file = openSync(path, 'wx', 0o600)
    try {
      for (const { at, length } of pieces(bytes)) writeWhole(file, zeros, { length, at })
      return fileOf(file, path, bytes)
    } catch (error) {
      discard(file, path)
      throw error
    }
  },
  async prepare(path, bytes) {
    // A new file: somebody may still have the one before.
    rmSync(path, { force: true })
    const file = openSync(path, 'wx', 0o600)
    try {
      for (const { at, length } of pieces(bytes)) {
        const { bytesWritten } = await writeLater(file, zeros, 0, length, at)
        // What is missing tells why.
        const rest = { length: length - bytesWritten, at: at + bytesWritten }
        if (rest.length > 0) writeWhole(file, zeros, rest)
      }
      return fileOf(file, path, bytes)
    } catch (error) {
      discard(file, path)
      throw error
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
  truncate: (path, bytes) => truncateSync(path, bytes),
  remove: (path) => rmSync(path, { force: true }),
}

const writeLater = promisify(write)

function fileOf(file: number, begunAs: string, bytes: number): DiskFile {
  const store = openStore(file, begunAs)
  let path = begunAs
  let end = 0
  return {
    bytes,
    write(text) {
      const written = store.write(text, end)
      end += written
      return written
    },
    // Takes what was put into a map as well. Linux keeps book of it: to flush a map is to do this for its file.
    sync: () =>
      new Promise((resolve, reject) => {
        fdatasync(file, (error) => (error === null ? resolve() : reject(error)))
      }),
    rename(to) {
      // To rename it alone would replace one of that name.
      closeSync(openSync(to, 'wx', 0o600))
      try {
        renameSync(path, to)
      } catch (error) {
        rmSync(to, { force: true })
        throw error
      }
      path = to
    },
    close() {
      store.close()
      closeSync(file)
    },
  }
}

function* pieces(bytes: number): Generator<{ at: number; length: number }> {
  for (let at = 0; at < bytes; at += zeros.length) {
    yield { at, length: Math.min(zeros.length, bytes - at) }
  }
}

function discard(file: number, path: string): void {
  closeSync(file)
  rmSync(path, { force: true })
}
