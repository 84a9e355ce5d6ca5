import type { z } from 'zod'
import { type Path, valueAt } from './values.ts'

/** What is wrong with a file of settings, in words for whoever wrote it. */
export type SettingsProblem = { path: string; line: number | null; message: string }

export type Report = (path: Path, message: string) => void

/** Types in the words of the file rather than of the library. */
const typeNames: Readonly<Record<string, string>> = {
  record: 'a mapping of names',
  object: 'a mapping',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  string: 'text',
}

/** @param whole - The value that was parsed. */
export function reportIssue(issue: z.core.$ZodIssue, whole: unknown, report: Report): void {
  if (issue.code === 'invalid_type') {
    const wanted = typeNames[issue.expected] ?? issue.expected
    const isMissing = valueAt(whole, issue.path) === undefined
    report(issue.path, isMissing ? `is missing: it has to be ${wanted}` : `has to be ${wanted}`)
    return
  }
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) report([...issue.path, key], 'there is no such setting')
    return
  }
  report(issue.path, issue.message.replace(/^Invalid input: /, ''))
}

/** All of them as text, each with the place it stands at. */
export function problemsText(file: string, problems: readonly SettingsProblem[]): string {
  const lines = problems.map(({ path, line, message }) => {
    const place = line === null ? `${file}:` : `${file}:${line}:`
    return `${place} ${path === '' ? message : `${path}: ${message}`}`
  })
  return `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${lines.join('\n')}`
}
