import { join } from 'node:path'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { filesIn, homeOf, loadSecret, saveSecret } from './home.ts'
import { formatKeyFile, type KeyFile, parseKeyFile } from './key-file.ts'

/** Fit for a file on every system, and for a log line in place of the key. */
const nameForm = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
const ending = '.json'

/** Keeps a new key. Refuses a name that is taken: what a key opens is lost with it. */
export function addKey(context: Context, key: KeyFile): void {
  const file = fileOf(context, key.name)
  if (saveSecret(file, formatKeyFile(key), { isNew: true })) return
  throw new CommandError(
    'badInput',
    `There is a key ${key.name} already: choose another name, or remove ${file} when nothing needs it.`,
  )
}

/** Keeps what has changed of a key. */
export function saveKey(context: Context, key: KeyFile): void {
  saveSecret(fileOf(context, key.name), formatKeyFile(key), { isNew: false })
}

export function loadKey(context: Context, name: string): KeyFile {
  const file = fileOf(context, name)
  const text = loadSecret(file)
  if (text === undefined) {
    throw new CommandError(
      'badInput',
      `There is no key ${name}: \`npx mooring keys list\` shows those there are, \`npx mooring keys new ${name}\` makes it.`,
    )
  }
  const key = parseKeyFile(text)
  if (key?.name === name) return key
  throw new CommandError(
    'badInput',
    `${file} is damaged: what it holds is not the key ${name}. Put it back from a backup, or remove it and make another key.`,
  )
}

/** Those that can be read, and the names of files that cannot. */
export function listKeys(context: Context): { keys: KeyFile[]; damaged: string[] } {
  const folder = folderOf(context)
  const keys: KeyFile[] = []
  const damaged: string[] = []
  for (const file of filesIn(folder)) {
    const name = file.endsWith(ending) ? file.slice(0, -ending.length) : ''
    if (!nameForm.test(name)) continue
    const key = parseKeyFile(loadSecret(join(folder, file)) ?? '')
    if (key?.name === name) keys.push(key)
    else damaged.push(join(folder, file))
  }
  return { keys, damaged }
}

export function parseKeyName(text: string): string {
  if (nameForm.test(text)) return text
  throw new CommandError(
    'badInput',
    `${JSON.stringify(text)} is no name of a key: letters, digits, _ and -, at most 64.`,
  )
}

export function fileOf(context: Context, name: string): string {
  return join(folderOf(context), `${parseKeyName(name)}${ending}`)
}

function folderOf(context: Context): string {
  return join(homeOf(context), 'keys')
}
