export type Column = { title: string; align: 'left' | 'right' }

const gap = '  '

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
  const widths = widthsOf(columns, rows)
  const formatLine = (cells: readonly string[]) =>
    columns
      .map(({ align }, at) => pad(cells[at] ?? '', widths[at] ?? 0, align))
      .join(gap)
      .trimEnd()
  return lines.map((cells) => `${formatLine(cells)}\n`).join('')
}

/** Width of that table with its last column padded, and the gap to a column after it. */
export function tableWidthColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): number {
  return widthsOf(columns, rows).reduce((sum, width) => sum + width + gap.length, 0)
}

/** Cuts lines that a terminal of that width would wrap. Colour codes stay whole. */
export function cutLines(text: string, widthColumns: number): string {
  const cut = (line: string) =>
    Bun.stringWidth(line) <= widthColumns ? line : Bun.sliceAnsi(line, 0, widthColumns, '…')
  return text.split('\n').map(cut).join('\n')
}

function widthsOf(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  return columns.map(({ title }, at) =>
    Math.max(
      ...[title, ...rows.map((cells) => cells[at] ?? '')].map((cell) => Bun.stringWidth(cell)),
    ),
  )
}

function pad(cell: string, width: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, width - Bun.stringWidth(cell)))
  return align === 'left' ? cell + space : space + cell
}
