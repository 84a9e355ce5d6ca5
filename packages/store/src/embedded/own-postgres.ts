import { randomBytes } from 'node:crypto'
import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { endLeftover } from './leftover.ts'
import { type Postgres, startPostgres } from './postgres.ts'

const passwordBytes = 32
const passwordText = /^[A-Za-z0-9_-]{43}$/

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
  if (known !== undefined) {
    if (passwordText.test(known)) return known
    const what = `${file} holds no password of this service: bring it back from a copy`
    throw new Error(`${what}, or delete it where ${data} holds nothing yet`)
  }
  const isThere = await stat(join(data, 'PG_VERSION')).catch(() => undefined)
  if (isThere !== undefined) {
    throw new Error(`${file} is missing, without which ${data} cannot be opened: bring it back`)
  }
  const made = randomBytes(passwordBytes).toString('base64url')
  await writePassword(file, made)
  return made
}

/** Whole or not at all, and on the disk before anything asks for it: after a loss of power it would open nothing. */
async function writePassword(file: string, password: string): Promise<void> {
  const draft = `${file}.new`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(password)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, file)
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
