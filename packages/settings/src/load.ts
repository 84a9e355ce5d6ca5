import type { z } from 'zod'
import { type Environment, expand } from './environment.ts'
import { type Report, reportIssue, type SettingsProblem } from './problems.ts'
import { readSource, type Source } from './source.ts'
import { textOf } from './values.ts'

export type LoadedSettings<T> =
  | { ok: true; settings: T }
  | { ok: false; problems: SettingsProblem[] }

/** Reads a file and takes it as what it must be, or tells every problem found, not only the first. */
export function loadSettings<S extends z.ZodType>(
  schema: S,
  file: string,
  environment: Environment,
): Promise<LoadedSettings<z.output<S>>> {
  return loadSettingsAnd({ schema, file, environment, also: async (settings) => settings })
}

export type LoadOptions<S extends z.ZodType, T> = {
  schema: S
  file: string
  environment: Environment
  /** What is read further, such as a file that a setting names. Reports what is wrong. */
  also: (settings: z.output<S>, report: Report) => Promise<T>
}

/** As `loadSettings`. @returns What `also` makes of the settings. */
export async function loadSettingsAnd<S extends z.ZodType, T>({
  schema,
  file,
  environment,
  also,
}: LoadOptions<S, T>): Promise<LoadedSettings<T>> {
  const problems: SettingsProblem[] = []
  const source = await readSource(file, problems)
  if (source === undefined) return { ok: false, problems }
  const checked = checkSettings(schema, source, environment)
  if (checked.parsed.success && checked.problems.length === 0) {
    const settings = await also(checked.parsed.data, checked.report)
    // It may have reported something.
    if (checked.problems.length === 0) return { ok: true, settings }
  }
  return { ok: false, problems: inOrder(checked.problems) }
}

export type CheckedSettings<S extends z.ZodType> = {
  /** With variables replaced. */
  value: unknown
  parsed: z.ZodSafeParseResult<z.output<S>>
  /** Grows with what is reported. */
  problems: SettingsProblem[]
  report: Report
}

/** As `loadSettings`, of a source that is read already; the caller may know more rules. */
export function checkSettings<S extends z.ZodType>(
  schema: S,
  source: Source,
  environment: Environment,
): CheckedSettings<S> {
  const problems: SettingsProblem[] = []
  const report: Report = (path, message) => {
    problems.push({ path: textOf(path), line: source.lineOf(path), message })
  }
  const value = expand(source.value, [], environment, report)
  const known = new Set(problems.map(({ path }) => path))
  const parsed = schema.safeParse(value)
  for (const issue of parsed.error?.issues ?? []) {
    // A text with a variable that is missing is told once, not also for what is left of it.
    if (!known.has(textOf(issue.path))) reportIssue(issue, value, report)
  }
  return { value, parsed, problems, report }
}

/** As they stand in the file. */
export function inOrder(problems: SettingsProblem[]): SettingsProblem[] {
  return problems.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}
