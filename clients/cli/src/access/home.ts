import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'

type World = Pick<Context, 'env'>

const othersMayRead = 0o077

/** The folder of the user in which keys, tokens and sessions are kept. */
export function homeOf({ env }: World): string {
  if (env.MOORING_HOME) return env.MOORING_HOME
  if (env.XDG_CONFIG_HOME) return join(env.XDG_CONFIG_HOME, 'mooring')
  if (env.HOME) return join(env.HOME, '.config/mooring')
  throw new CommandError(
    'badInput',
    'Nobody said where your keys are kept: set MOORING_HOME to a folder of yours.',
  )
}

/**
 * Writes a file that nobody else on the machine may read.
 *
 * @param isNew - Refuses to replace a file. @returns False when there is one.
 */
export function saveSecret(file: string, text: string, { isNew }: { isNew: boolean }): boolean {
  const folder = dirname(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (isNew) return writeNew(file, text)
  // As a whole or not at all: half a key is no key.
  const draft = `${file}.${process.pid}`
  rmSync(draft, { force: true })
  writeNew(draft, text)
  renameSync(draft, file)
  return true
}

function writeNew(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' })
    // The process may take more away than it should, and less it cannot.
    chmodSync(file, 0o600)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  }
}

/** @returns Undefined when there is no such file. Refuses one that others may read. */
export function loadSecret(file: string): string | undefined {
  if (!existsSync(file)) return undefined
  const { mode } = statSync(file)
  if ((mode & othersMayRead) !== 0 && process.platform !== 'win32') {
    throw new CommandError(
      'badInput',
      `${file} may be read by others on this machine: run \`chmod 600 ${file}\`, and think of what is in it as known.`,
    )
  }
  return readFileSync(file, 'utf8')
}

export function removeSecret(file: string): void {
  rmSync(file, { force: true })
}

/** Names of files in a folder; none where there is no folder. */
export function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : []
}
