import { statfsSync, writeSync } from 'node:fs'

/** How texts get into a file that has its room. */
export type Store = {
  /** @returns How many bytes it was. */
  write(text: string, at: number): number
  close(): void
}

/**
 * File systems of Linux that change a block in its place, by the number that the system calls them: what is stored in a
 * map of their files finds its room, as it was there before. On others (those that copy on write, those of a network,
 * those that nobody has looked at) the process would be ended where there is none, so their files are written instead.
 */
const mappedFileSystems = new Map([
  [0xef53, 'ext4, ext3, ext2'],
  [0x58465342, 'xfs'],
  [0x01021994, 'tmpfs'],
])

/** Texts that surely fit are encoded in a place that each file keeps: to make one for each costs more than to fill it. */
const scratchBytes = 65_536
/** Of one UTF-16 unit in UTF-8, at most. */
export const unitBytesMax = 3

/** @param file - Open, of its whole length, and at `path`. */
export function openStore(file: number, path: string): Store {
  return mappedFileSystems.has(statfsSync(path).type) ? mapFile(path) : createWritten(file)
}

/**
 * What is put into a shared map is the system's at once, as if it was written: it outlives the process, and costs no call.
 * Whoever cuts the file off meanwhile ends the process.
 */
export function mapFile(path: string): Store {
  const { buffer } = Bun.mmap(path, { shared: true })
  const bytes = Buffer.from(buffer)
  return {
    write: (text, at) => bytes.write(text, at),
    // Gives the memory back now: to leave it to the garbage collector, which does not see how much it is, keeps many of them.
    close: () => void buffer.transfer(0),
  }
}

export function createWritten(file: number): Store {
  const scratch = Buffer.allocUnsafe(scratchBytes)
  return {
    // At once: to leave it to another thread takes longer than the system does to take it.
    write(text, at) {
      const isShort = text.length * unitBytesMax <= scratchBytes
      const bytes = isShort ? scratch : Buffer.from(text)
      const length = isShort ? scratch.write(text) : bytes.length
      writeWhole(file, bytes, { length, at })
      return length
    },
    close: () => undefined,
  }
}

/** Writes the first bytes of a buffer to a place of a file, in as many steps as the system wants. */
export function writeWhole(
  file: number,
  bytes: Buffer,
  { length, at }: { length: number; at: number },
): void {
  let written = 0
  while (written < length) {
    written += writeSync(file, bytes, written, length - written, at + written)
  }
}
