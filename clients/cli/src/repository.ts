import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'
import { isRecord, parseJson } from './http.ts'
import { foldersUpwards } from './locations.ts'

/** The clone a folder lies in, or undefined outside one. */
export function findRepository(start: string): string | undefined {
  return foldersUpwards(start).find((folder) => {
    const file = join(folder, 'package.json')
    const manifest = existsSync(file) ? parseJson(readFileSync(file, 'utf8')) : undefined
    return isRecord(manifest) && manifest.name === 'mooring' && 'workspaces' in manifest
  })
}

/**
 * A program of the clone that runs in a process of its own.
 *
 * @param path - Relative to the root of the clone.
 * @param command - Who asks, for the message outside a clone.
 */
export function programOf(context: Context, path: string, command: string): string {
  const file = context.repository === undefined ? undefined : join(context.repository, path)
  if (file !== undefined && existsSync(file)) return file
  throw new CommandError(
    'badInput',
    `\`mooring ${command}\` needs a whole clone of Mooring (${path} is not here):\n` +
      `run \`npx mooring ${command}\` inside one.`,
  )
}
