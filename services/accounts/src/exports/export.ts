/** Rows of any number as a file: CSV for spreadsheets, JSON Lines for programs. */

export const exportFormats = ['csv', 'jsonl'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** In their order, which stays: new ones come last. */
export type ExportColumn<Row> = {
  name: string
  textOf: (row: Row) => string | null
}

/** Reads pages one after the other, each once the one before is taken. @returns Text, page by page. */
export async function* exportText<Row>(
  pages: AsyncIterable<readonly Row[]>,
  columns: readonly ExportColumn<Row>[],
  format: ExportFormat,
): AsyncGenerator<string, void> {
  if (format === 'csv') yield csvLine(columns.map(({ name }) => name))
  for await (const rows of pages) {
    const lines = rows.map((row) => {
      const values = columns.map(({ name, textOf }) => [name, textOf(row)] as const)
      return format === 'csv'
        ? csvLine(values.map(([, value]) => value ?? ''))
        : `${JSON.stringify(Object.fromEntries(values))}\n`
    })
    yield lines.join('')
  }
}

/** RFC 4180. */
function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\r\n`
}

/** What makes a spreadsheet take a cell for a formula, where a cell begins by any separator that it may go by. */
const formulaStart = /(^|[,;|\t\r\n])(?=\s*[=+\-@\t\r＝＋－＠])/g

/** A text that would be taken for a formula gets an apostrophe in front, which spreadsheets read as "this is text". */
export function csvField(text: string): string {
  const plain = text.replaceAll(formulaStart, "$1'")
  return /["\r\n,;|\t]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain
}

/** Asks for no more than whoever reads takes, so that any number of rows needs the memory of few. */
export function streamOf(
  text: AsyncGenerator<string, void>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await text.next()
          if (done === true) controller.close()
          else controller.enqueue(encoder.encode(value))
        } catch (error) {
          onError(error)
          // The connection breaks, so that nobody takes a part for the whole.
          controller.error(error)
        }
      },
      async cancel() {
        await text.return()
      },
    },
    { highWaterMark: 0 },
  )
}
