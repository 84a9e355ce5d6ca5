import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeSecretFile } from '../state/secret-file.ts'
import { formatGroupKey, type GroupKey, parseGroupKey } from './group-key.ts'

/** Shares of keys on disk, one file each. A key is `pending` until every member has said that it has its share. */
export type KeyFiles = {
  load(): Promise<{ active: GroupKey[]; pending: GroupKey | undefined }>
  savePending(key: GroupKey): Promise<void>
  /** The key that was pending. */
  saveActive(key: GroupKey): Promise<void>
  /** What has changed of a key that is active. */
  update(key: GroupKey): Promise<void>
  dropPending(): Promise<void>
  /** Forgets the share of a key that signs no more. */
  drop(generation: number): Promise<void>
}

const activeName = /^key-(\d+)\.json$/

export function createKeyFiles(folder: string): KeyFiles {
  const pendingFile = join(folder, 'key-pending.json')
  const fileOf = (generation: number) => join(folder, `key-${generation}.json`)
  return {
    async load() {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const names = (await readdir(folder)).filter((name) => activeName.test(name))
      const active = await Promise.all(
        names.map(async (name) => parseGroupKey(await readFile(join(folder, name), 'utf8'))),
      )
      active.sort((one, other) => one.generation - other.generation)
      const text = await readFile(pendingFile, 'utf8').catch(() => undefined)
      return { active, pending: text === undefined ? undefined : parseGroupKey(text) }
    },
    savePending: (key) => writeSecretFile(pendingFile, formatGroupKey(key)),
    async saveActive(key) {
      await writeSecretFile(fileOf(key.generation), formatGroupKey(key))
      await rm(pendingFile, { force: true })
    },
    update: (key) => writeSecretFile(fileOf(key.generation), formatGroupKey(key)),
    dropPending: () => rm(pendingFile, { force: true }),
    drop: (generation) => rm(fileOf(generation), { force: true }),
  }
}
