import type { Report } from './problems.ts'
import type { Path } from './values.ts'

/** Where `${VARIABLE}` is looked up. */
export type Environment = Readonly<Record<string, string | undefined>>

const nestingMax = 16

/** Replaces `${VARIABLE}` in every text, so that secrets stay out of the file. */
export function expand(
  value: unknown,
  path: Path,
  environment: Environment,
  report: Report,
): unknown {
  if (path.length > nestingMax) {
    report(
      path.slice(0, 2),
      `nested deeper than ${nestingMax} levels: does an alias contain itself?`,
    )
    return null
  }
  if (typeof value === 'string') {
    return value.replace(/\$\{([^}]*)\}/g, (_whole, name: string) => {
      const found = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? environment[name] : undefined
      if (found === undefined) report(path, `the environment has no variable "${name}"`)
      return found ?? ''
    })
  }
  if (Array.isArray(value)) {
    return value.map((item, at) => expand(item, [...path, at], environment, report))
  }
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [
    name,
    expand(member, [...path, name], environment, report),
  ])
  return Object.fromEntries(members)
}
