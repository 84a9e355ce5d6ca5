import { maskText } from '../source/mask.ts'
import { type Edit, operators } from './operators.ts'

/** One change of one place. */
export type Mutant = {
  file: string
  operator: string
  line: number
  /** The function it is in, for the reader. */
  within: string
  /** The lines of the place, before and after, without indentation. */
  before: string
  after: string
  edit: Edit
}

export function mutantsOf(file: string, text: string): Mutant[] {
  const { code } = maskText(text)
  return Object.entries(operators).flatMap(([operator, find]) =>
    find(code, text).map((edit) => mutantOf({ file, operator, text, edit })),
  )
}

/** The text with the change made. */
export function mutated(text: string, { start, end, replacement }: Edit): string {
  return text.slice(0, start) + replacement + text.slice(end)
}

/** What names a mutant while lines above it come and go. */
export function idOf({
  file,
  operator,
  within,
  before,
  after,
}: Omit<Mutant, 'edit' | 'line'>): string {
  return [file, within, operator, before, after].join(' | ')
}

type Place = { file: string; operator: string; text: string; edit: Edit }

function mutantOf({ file, operator, text, edit }: Place): Mutant {
  const from = text.lastIndexOf('\n', edit.start - 1) + 1
  const to = text.indexOf('\n', edit.end)
  const after = text.slice(from, edit.start) + edit.replacement + text.slice(edit.end, to)
  return {
    file,
    operator,
    line: text.slice(0, edit.start).split('\n').length,
    within: functionAround(text, edit.start),
    before: oneLine(text.slice(from, to)),
    after: oneLine(after),
    edit,
  }
}

function functionAround(text: string, at: number): string {
  const named = [...text.slice(0, at).matchAll(/\bfunction (\w+)|\b(constructor)\(/g)].at(-1)
  return named?.[1] ?? named?.[2] ?? ''
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim()
}
