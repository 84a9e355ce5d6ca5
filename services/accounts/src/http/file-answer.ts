import { z } from '@hono/zod-openapi'
import { type ExportColumn, type ExportFormat, exportText, streamOf } from '../exports/export.ts'

/** Answers that are files, of rows without number. */

const mediaTypes = {
  csv: 'text/csv; charset=utf-8',
  jsonl: 'application/jsonl; charset=utf-8',
} as const satisfies Record<ExportFormat, string>

export function file(order: string) {
  return {
    description: `${order}, as CSV (RFC 4180) or JSON Lines, of the same columns.`,
    content: {
      'text/csv': { schema: z.string() },
      'application/jsonl': { schema: z.string() },
    },
  } as const
}

export type FileParts<Row> = {
  pages: AsyncIterable<readonly Row[]>
  columns: readonly ExportColumn<Row>[]
  format: ExportFormat
  /** Without its ending. */
  name: string
  onError: (error: unknown) => void
}

export function fileAnswer<Row>({ pages, columns, format, name, onError }: FileParts<Row>) {
  return new Response(streamOf(exportText(pages, columns, format), onError), {
    status: 200,
    headers: {
      'content-type': mediaTypes[format],
      'content-disposition': `attachment; filename="${name}.${format}"`,
    },
  })
}
