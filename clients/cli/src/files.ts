import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'

/** A file that was named by a person; its whole path and its text. Refuses what cannot be read with the reason. */
export function readInput(
  context: Pick<Context, 'cwd'>,
  path: string,
): { file: string; text: string } {
  const file = resolve(context.cwd, path)
  try {
    return { file, text: readFileSync(file, 'utf8') }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const reason = reasons.get(code) ?? (cause instanceof Error ? cause.message : String(cause))
    throw new CommandError('badInput', reason.replace('FILE', file), { cause })
  }
}

const reasons = new Map([
  ['ENOENT', 'There is no file FILE.'],
  ['ENOTDIR', 'There is no file FILE.'],
  ['EISDIR', 'FILE is a folder, where a file is wanted.'],
  ['EACCES', 'FILE may not be read: permission denied.'],
])
