import { randomBytes } from 'node:crypto'
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { endLeftover } from './leftover.ts'
import { type Postgres, startPostgres } from './postgres.ts'

const passwordBytes = 32

/**
 * Starts the PostgreSQL of one service, which keeps everything in a folder of the service and asks for a password that
 * only whoever reads that folder knows. A service that was killed may have left one behind: it is ended first.
 */
export async function startOwnPostgres(folder: string): Promise<Postgres> {
  const home = resolve(folder)
  const data = join(home, 'postgres')
  const isNew = (await mkdir(home, { recursive: true })) !== undefined
  // Its user, where that is another one, has to get there; nobody else sees what is in it.
  if (isNew) await chmod(home, 0o711)
  const password = await loadPassword(join(home, 'postgres-password'), data)
  await endLeftover(data, { password })
  return await startPostgres({ folder: data, password })
}

/** Makes one where there is none yet. */
async function loadPassword(file: string, data: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return undefined
    throw error
  })
  if (known !== undefined) return known
  const isThere = await stat(join(data, 'PG_VERSION')).catch(() => undefined)
  if (isThere !== undefined) {
    throw new Error(`${file} is missing, without which ${data} cannot be opened: bring it back`)
  }
  const made = randomBytes(passwordBytes).toString('base64url')
  // Whole or not at all.
  await writeFile(`${file}.new`, made, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return made
}
