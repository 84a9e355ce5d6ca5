import { canonicalJson } from '../pricing/canonical-json.ts'
import { type Field, FieldProblem } from './data-fields.ts'
import type { Difference } from './inconsistencies.ts'

/** Files whose hash is signed: canonical JSON, in which numbers that may be large are decimal strings. */

/** Thrown for bytes that are no such file: what is wrong first, and where. */
export class UnreadableFile extends Error {
  override name = 'UnreadableFile'
  readonly difference: Difference

  constructor(difference: Difference) {
    const { path, expected, found } = difference
    super(`${path === '' ? 'it' : path} is ${found}, not ${expected}`)
    this.difference = difference
  }
}

export function encode(value: unknown): string {
  return canonicalJson(plain(value))
}

/** @throws UnreadableFile */
export function textOf(bytes: Uint8Array, bytesMax: number): string {
  if (bytes.length > bytesMax) {
    const expected = `at most ${bytesMax} bytes`
    throw new UnreadableFile({ path: '', expected, found: `${bytes.length}` })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new UnreadableFile({ path: '', expected: 'text in UTF-8', found: 'something else' })
  }
}

/** @throws UnreadableFile */
export function parsedAs<T>(text: string, field: Field<T>): T {
  const value = jsonOf(text)
  try {
    return field(value)
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error
    const { path, expected, found } = error
    throw new UnreadableFile({ path, expected, found })
  }
}

/**
 * Spaces, another order, a member twice and another form of a number or a text all end here.
 *
 * @throws UnreadableFile
 */
export function assertCanonical(text: string, canonical: string): void {
  if (canonical === text) return
  let at = 0
  while (canonical[at] === text[at]) at++
  const from = (all: string) => JSON.stringify(all.slice(at, at + 20))
  throw new UnreadableFile({
    path: `the text from character ${at + 1} on`,
    expected: `${from(canonical)}, its only form`,
    found: from(text),
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error)
    throw new UnreadableFile({ path: '', expected: 'JSON', found })
  }
}

function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}
