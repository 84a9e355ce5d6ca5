import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { SettingsProblem } from './problems.ts'
import type { Path } from './values.ts'

/** What a file of settings holds, as it stands there. */
export type Source = { value: unknown; lineOf: (path: Path) => number | null }

/**
 * Reads YAML, or TypeScript (`export default { … }`).
 *
 * @returns Undefined when it cannot be read; why is added to `problems`.
 */
export async function readSource(
  file: string,
  problems: SettingsProblem[],
): Promise<Source | undefined> {
  try {
    if (/\.[mc]?[jt]s$/.test(file)) return await readModule(file, problems)
    return readYaml(await readFile(file, 'utf8'), problems)
  } catch (error) {
    problems.push({ path: '', line: null, message: `the file cannot be read: ${whyNot(error)}` })
    return undefined
  }
}

const systemErrors: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read by this user',
  EISDIR: 'it is a folder',
}

/** Why a file cannot be read. */
export function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return systemErrors[code] ?? (error instanceof Error ? error.message : String(error))
}

async function readModule(file: string, problems: SettingsProblem[]): Promise<Source | undefined> {
  // Read only to learn whether it can be: an import tells a file that is missing in other words.
  await readFile(file)
  const path = resolve(file)
  try {
    // A module is kept once it is read; another query has a reload read it again.
    const module: { default?: unknown } = await import(`${path}?read=${crypto.randomUUID()}`)
    if ('default' in module) return { value: module.default, lineOf: () => null }
    const message = 'the file exports no configuration: write `export default { … }`'
    problems.push({ path: '', line: null, message })
  } catch (error) {
    problems.push(...problemsOfModule(error, path))
  }
  return undefined
}

/** Why a module gives no value. What it throws or quotes may hold a key, so only names and places are told. */
function problemsOfModule(error: unknown, file: string): SettingsProblem[] {
  const { position, specifier, errors, name, code, stack } = Object(error) as FromModule
  if (Array.isArray(errors) && errors.length > 0) {
    return errors.flatMap((one) => problemsOfModule(one, file))
  }
  if (typeof specifier === 'string') {
    return [{ path: '', line: null, message: `the file imports ${specifier}, which is not there` }]
  }
  if (position) {
    const isHere = position.file === file
    const what = isHere ? 'this' : `${position.file}:${position.line}`
    const message = `${what} is not TypeScript, from column ${position.column} on`
    return [{ path: '', line: isHere ? position.line : null, message }]
  }
  const words = [name, code].filter((word) => /^[A-Za-z_]{1,40}$/.test(String(word ?? '')))
  const what = words.length === 0 ? 'something' : words.join(' ')
  const message = `the file threw ${what}; its message is left out, since it may hold a key`
  return [{ path: '', line: lineIn(file, String(stack)), message }]
}

/** What Bun says of a module that cannot be built or resolved, and what an error of any kind has. */
type FromModule = {
  position?: { file: string; line: number; column: number } | null
  specifier?: unknown
  errors?: unknown
  name?: unknown
  code?: unknown
  stack?: unknown
}

/** The line of a file that a stack trace names first. */
function lineIn(file: string, stack: string): number | null {
  const [, rest] = stack.split(`${file}:`)
  const line = Number.parseInt(rest ?? '', 10)
  return Number.isNaN(line) ? null : line
}

function readYaml(text: string, problems: SettingsProblem[]): Source | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  for (const error of document.errors) {
    const message =
      error.code === 'MULTIPLE_DOCS'
        ? 'the file holds several YAML documents: keep one'
        : error.message
    problems.push({ path: '', line: lines.linePos(error.pos[0]).line, message })
  }
  if (problems.length > 0) return undefined
  const lineOf = (path: Path): number | null => {
    // The nearest member that exists: a missing setting is reported where it should stand.
    for (let length = path.length; length > 0; length--) {
      const node: unknown = document.getIn(path.slice(0, length), true)
      const range = (node as { range?: readonly number[] } | undefined)?.range
      if (range?.[0] !== undefined) return lines.linePos(range[0]).line
    }
    return null
  }
  return { value: document.toJS({ maxAliasCount: 100 }) ?? {}, lineOf }
}
