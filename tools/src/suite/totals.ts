/** What a test run came to. */
export type Totals = { passed: number; failed: number; skipped: number }

/**
 * Reads the totals from a JUnit report of `bun test`.
 *
 * @param report - The report's text; undefined when the run ended before it wrote one.
 * @param exitCode - Of the run. A file that cannot be loaded fails the run but no test of the report, and
 *   counts as one failure; so does a run without a test.
 */
export function totalsOf(report: string | undefined, exitCode: number): Totals {
  const tag = report?.match(/<testsuites\b[^>]*>/)?.[0] ?? ''
  const skipped = countOf(tag, 'skipped')
  const reported = countOf(tag, 'failures') + countOf(tag, 'errors')
  const passed = Math.max(0, countOf(tag, 'tests') - skipped - reported)
  const isBroken = exitCode !== 0 || passed + reported === 0
  return { passed, failed: isBroken ? Math.max(1, reported) : reported, skipped }
}

/** The plain line that closes a run. */
export function lineOf({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function countOf(tag: string, attribute: string): number {
  return Number(tag.match(new RegExp(`\\b${attribute}="(\\d+)"`))?.[1] ?? 0)
}
