import { Database } from 'bun:sqlite'
import { closeSync, openSync, statSync, truncateSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { NetworkSummary } from './summary.ts'

const claimTriesMax = 10

/** One folder belongs to one running network at a time. */
export type Instance = {
  /** Writes `network.json` at once as a whole. */
  publish(summary: NetworkSummary): Promise<void>
  /** Takes `network.json` and the lock away. */
  release(): Promise<void>
}

/**
 * Claims a folder for this process. The lock is one of the system's, so it ends with the process however
 * that ends, and what a dead one left is simply written over.
 *
 * @returns The claim, or undefined when another process holds it.
 */
export async function claimInstance(folder: string): Promise<Instance | undefined> {
  await mkdir(folder, { recursive: true })
  const lockFile = join(folder, 'network.lock')
  const networkFile = networkFileIn(folder)
  const lock = takeLock(lockFile)
  if (lock === undefined) return undefined
  await rm(networkFile, { force: true })
  return {
    async publish(summary) {
      const draft = `${networkFile}.${process.pid}`
      await writeFile(draft, `${JSON.stringify(summary, null, 2)}\n`)
      await rename(draft, networkFile)
    },
    async release() {
      await rm(networkFile, { force: true })
      await rm(lockFile, { force: true })
      lock.close()
    },
  }
}

/** What the network that holds the folder says of itself, or undefined while it starts or stops. */
export async function runningSummary(folder: string): Promise<NetworkSummary | undefined> {
  try {
    return JSON.parse(await readFile(networkFileIn(folder), 'utf8'))
  } catch {
    return undefined
  }
}

function networkFileIn(folder: string): string {
  return join(folder, 'network.json')
}

/**
 * The holder removes the file before it lets the lock go, so a lock may be won on a file that is no longer
 * at its path: then another try on the new file.
 */
function takeLock(file: string): Database | undefined {
  for (let tries = 0; tries < claimTriesMax; tries++) {
    const inode = inodeOf(file)
    const lock = tryLock(file)
    if (lock === 'held') return undefined
    if (lock === 'damaged') {
      // Emptied rather than removed: a process that claims it from now on holds this very file, and
      // an empty file is what a lock is.
      truncateSync(file)
      continue
    }
    const inodeNow = statSync(file, { throwIfNoEntry: false })?.ino
    if (inode !== undefined && inodeNow === inode) return lock
    lock.close()
  }
  return undefined
}

/** Who holds the lock is asked before what the file holds, so one that proves damaged is held by nobody. */
function tryLock(file: string): Database | 'held' | 'damaged' {
  let lock: Database | undefined
  try {
    lock = new Database(file, { create: true })
    lock.run('PRAGMA journal_mode = MEMORY')
    lock.run('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    if (isCode(error, 'SQLITE_BUSY')) return 'held'
    if (isCode(error, 'SQLITE_NOTADB') || isCode(error, 'SQLITE_CORRUPT')) return 'damaged'
    const reason = error instanceof Error ? error.message : String(error)
    throw new Error(`cannot take the lock ${file} (${reason}): delete it and start again`, {
      cause: error,
    })
  }
}

/** Never opens a file that exists: closing it again would drop a lock this process holds on it. */
function inodeOf(file: string): number | undefined {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found !== undefined) return found.ino
  try {
    closeSync(openSync(file, 'wx'))
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
  return statSync(file, { throwIfNoEntry: false })?.ino
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
