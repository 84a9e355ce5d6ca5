import { type Disk, type DiskFile, systemDisk } from '../log/disk.ts'

/** The system's disk, with what goes wrong with one. */
export type FaultyDisk = Disk & {
  /** Has no room for another file, and takes a part of what is written, as one that copies on write. */
  isFull: boolean
  /** Loses what was written, and says so when it is asked. */
  isBroken: boolean
  /** How often it was asked. */
  syncs: number
}

export function createFaultyDisk(): FaultyDisk {
  const failure = (code: string) => Object.assign(new Error(`${code}: injected`), { code })
  const assertRoom = () => {
    if (disk.isFull) throw failure('ENOSPC')
  }
  const faulty = (file: DiskFile): DiskFile => ({
    ...file,
    write(text) {
      if (disk.isFull) file.write(text.slice(0, text.length >> 1))
      assertRoom()
      return file.write(text)
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
    create(path, bytes) {
      assertRoom()
      return faulty(systemDisk.create(path, bytes))
    },
    async prepare(path, bytes) {
      assertRoom()
      return faulty(await systemDisk.prepare(path, bytes))
    },
  }
  return disk
}
