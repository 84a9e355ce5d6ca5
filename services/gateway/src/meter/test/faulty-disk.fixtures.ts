import { type Disk, type DiskFile, systemDisk } from '../log/disk.ts'

/** The system's disk, with what goes wrong with one. */
export type FaultyDisk = Disk & {
  /** Takes a part of what is written, and no more. */
  isFull: boolean
  /** Loses what was written, and says so when it is asked. */
  isBroken: boolean
  /** How often it was asked. */
  syncs: number
}

export function createFaultyDisk(): FaultyDisk {
  const failure = (code: string) => Object.assign(new Error(`${code}: injected`), { code })
  const faulty = (file: DiskFile): DiskFile => ({
    ...file,
    write(text) {
      if (!disk.isFull) return file.write(text)
      file.write(text.slice(0, text.length >> 1))
      throw failure('ENOSPC')
    },
    async sync() {
      disk.syncs++
      if (disk.isBroken) throw failure('EIO')
      await file.sync()
    },
  })
  const disk: FaultyDisk = {
    ...systemDisk,
    isFull: false,
    isBroken: false,
    syncs: 0,
    create: (path) => faulty(systemDisk.create(path)),
  }
  return disk
}
