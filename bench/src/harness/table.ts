import { type Column, formatTable } from '@mooring/cli/terminal/table'

/** The first column is words, the others are figures. */
export function figuresTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const columns = titles.map((title, at): Column => ({ title, align: at === 0 ? 'left' : 'right' }))
  return formatTable(columns, rows)
}
