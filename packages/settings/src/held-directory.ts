import { Database } from 'bun:sqlite'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'

/** Nothing can be kept in a directory. The message says why, and what to do. */
export class UnusableDirectory extends Error {}

/**
 * Takes a directory for this process alone. The lock is one of the system's: it ends with the process however that ends,
 * and what a dead one left is simply taken over. Throws `UnusableDirectory`.
 *
 * @param setting - What names the directory, for the messages.
 * @returns Gives it back.
 */
export function holdDirectory(directory: string, setting: string): () => void {
  const holderFile = join(directory, 'holder')
  const lock = openLock(directory, setting)
  try {
    // Not removed when it ends: another process may be about to lock this very file.
    lock.exec('pragma busy_timeout = 0')
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (Object(error).code !== 'SQLITE_BUSY') throw error
    throw new UnusableDirectory(
      `${directory} is used by ${readHolder(holderFile)}: every process needs a ${setting} of its own`,
    )
  }
  writeFileSync(holderFile, `process ${process.pid} on ${hostname()}`)
  return () => lock.close()
}

function openLock(directory: string, setting: string): Database {
  try {
    mkdirSync(directory, { recursive: true })
    return new Database(join(directory, 'lock'), { create: true })
  } catch (error) {
    const { code } = Object(error) as { code?: string }
    throw new UnusableDirectory(
      `${directory} cannot be written to (${code ?? 'unknown'}): give this process a ${setting} that it may write to`,
    )
  }
}

function readHolder(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return 'another process'
  }
}
