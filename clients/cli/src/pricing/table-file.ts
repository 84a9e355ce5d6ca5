import { newestTable } from '@mooring/market/pricing/bundled-tables'
import { parsePriceTable } from '@mooring/market/pricing/parse-table'
import type { PriceTable } from '@mooring/market/pricing/price-table'
import { type TableHash, tableHashOf } from '@mooring/market/pricing/table-hash'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { readInput } from '../files.ts'

export type KnownTable = { table: PriceTable; hash: TableHash }

const problemsMax = 10

/** The table in a file that was named, or the newest that this version comes with. */
export function readPriceTable(
  context: Pick<Context, 'cwd'>,
  path: string | undefined,
): KnownTable {
  if (path === undefined) return newestTable
  const { file, text } = readInput(context, path)
  const parsed = parsePriceTable(jsonOf(file, text))
  if (parsed.ok) return { table: parsed.table, hash: tableHashOf(parsed.table) }
  const { problems } = parsed
  const told = problems.slice(0, problemsMax).map((problem) => `  ${problem}`)
  const rest = problems.length > problemsMax ? [`  and ${problems.length - problemsMax} more`] : []
  throw new CommandError(
    'badInput',
    [`${file} is no price table:`, ...told, ...rest, 'See docs/pricing.md.'].join('\n'),
  )
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError('badInput', `${file} is no price table, nor JSON at all: ${reason}.`, {
      cause,
    })
  }
}
