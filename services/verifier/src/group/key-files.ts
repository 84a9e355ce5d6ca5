import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeSecretFile } from '../state/secret-file.ts'
import { formatGroupKey, type GroupKey, parseGroupKey } from './group-key.ts'

/** Shares of keys on disk, one file each. A key is `pending` until every member has said that it has its share. */
export type KeyFiles = {
  load(): Promise<{ active: GroupKey[]; pending: GroupKey | undefined; parked: GroupKey[] }>
  savePending(key: GroupKey): Promise<void>
  /** The key that was pending. */
  saveActive(key: GroupKey): Promise<void>
  /** What has changed of a key that is active. */
  update(key: GroupKey): Promise<void>
  dropPending(): Promise<void>
  /** Puts the pending share aside: it was confirmed to others, who may use that key. */
  park(key: GroupKey): Promise<void>
  /** Forgets the share of a key that signs no more. */
  drop(generation: number): Promise<void>
}

const activeName = /^key-(\d+)\.json$/
const parkedName = /^key-parked-[0-9a-f]{16}\.json$/

export function createKeyFiles(folder: string): KeyFiles {
  const pendingFile = join(folder, 'key-pending.json')
  const fileOf = (generation: number) => join(folder, `key-${generation}.json`)
  return {
    async load() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const names = await readdir(folder)
      const read = (wanted: RegExp) =>
        Promise.all(
          names
            .filter((name) => wanted.test(name))
            .map(async (name) => parseGroupKey(await readFile(join(folder, name), 'utf8'))),
        )
      const active = await read(activeName)
      active.sort((one, other) => one.generation - other.generation)
      const [pending] = await read(/^key-pending\.json$/)
      return { active, pending, parked: await read(parkedName) }
    },
    savePending: (key) => writeSecretFile(pendingFile, formatGroupKey(key)),
    async saveActive(key) {
      await writeSecretFile(fileOf(key.generation), formatGroupKey(key))
      await rm(pendingFile, { force: true })
    },
    update: (key) => writeSecretFile(fileOf(key.generation), formatGroupKey(key)),
    dropPending: () => rm(pendingFile, { force: true }),
    async park(key) {
      const name = `key-parked-${key.transcript.slice(2, 18)}.json`
      await writeSecretFile(join(folder, name), formatGroupKey(key))
      await rm(pendingFile, { force: true })
    },
    drop: (generation) => rm(fileOf(generation), { force: true }),
  }
}
