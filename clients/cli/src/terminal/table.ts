export type Column = { title: string; align: 'left' | 'right' }

/**
 * Lines up cells in columns. Colour codes take no width, the last column is not padded.
 *
 * @param rows - Cells in the order of `columns`; missing ones are empty.
 */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [columns.map((column) => column.title), ...rows]
  const widths = columns.map((_, at) =>
    Math.max(...lines.map((cells) => Bun.stringWidth(cells[at] ?? ''))),
  )
  const formatLine = (cells: readonly string[]) =>
    columns
      .map(({ align }, at) => pad(cells[at] ?? '', widths[at] ?? 0, align))
      .join('  ')
      .trimEnd()
  return lines.map((cells) => `${formatLine(cells)}\n`).join('')
}

function pad(cell: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - Bun.stringWidth(cell)))
  return align === 'left' ? cell + space : space + cell
}
