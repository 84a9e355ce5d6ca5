import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** What a run has done so far, for the sources with this fingerprint. */
export type Kept<Item> = { fingerprint: string; done: Record<string, Item> }

/** What an earlier run kept in the file, if it was about the same sources; nothing otherwise. */
export async function loadKept<Item>(path: string, fingerprint: string): Promise<Kept<Item>> {
  const file = Bun.file(path)
  if (!(await file.exists())) return { fingerprint, done: {} }
  // The file is our own and written whole.
  const kept = (await file.json()) as Kept<Item>
  return kept.fingerprint === fingerprint ? kept : { fingerprint, done: {} }
}

/**
 * Written beside and moved, so that a run that is ended in between loses nothing; at once, so that two that end
 * together do not write into each other.
 */
export function saveKept<Item>(path: string, kept: Kept<Item>): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.new`, JSON.stringify(kept, undefined, 1))
  renameSync(`${path}.new`, path)
}
