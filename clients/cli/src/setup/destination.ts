import { type Stats, statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'

/** URLs may hold keys, so the file is its owner's alone. */
const fileMode = 0o600

/** Refuses a place no file can stand at, before anyone is asked anything. */
export function assertWritable(context: Context, out: string): void {
  if (out.trim() === '') throw new CommandError('badInput', '--out needs the name of a file.')
  const path = resolve(context.cwd, out)
  if (factsOf(path)?.isDirectory()) {
    const example = join(out, 'gateway.yaml')
    throw new CommandError(
      'badInput',
      `${out} is a folder: name a file in it, as --out ${example}.`,
    )
  }
  const folder = dirname(path)
  if (factsOf(folder)?.isDirectory() !== true) {
    throw new CommandError('badInput', `${out} cannot be written: there is no folder ${folder}.`)
  }
}

export async function writeConfig(context: Context, out: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(context.cwd, out), text, { mode: fileMode })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const reason = reasons.get(code) ?? (error instanceof Error ? error.message : String(error))
    throw new CommandError('badInput', `${out} cannot be written: ${reason}.`, { cause: error })
  }
}

const reasons = new Map([
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EROFS', 'the disk is read-only'],
  ['ENOSPC', 'the disk is full'],
  ['ENAMETOOLONG', 'the name is too long'],
])

function factsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    // A path through a file, or a name that no file system takes.
    return undefined
  }
}
