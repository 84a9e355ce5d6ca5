import { parsePriceTable } from './parse-table.ts'
import type { PriceTable } from './price-table.ts'
import { type TableHash, tableHashOf } from './table-hash.ts'
import firstFile from './tables/0001.json' with { type: 'json' }

/** A table that this version comes with. */
export type BundledTable = { hash: TableHash; table: PriceTable; uri: string }

// A new table is a file and a line here, and takes the newest one's place. A file that was published never changes.
const first = bundle(firstFile)

/** What a new deployment begins with. */
export const newestTable: BundledTable = first

/** By hash, as the chain names them. */
export const bundledTables: ReadonlyMap<TableHash, BundledTable> = new Map(
  [first].map((bundled) => [bundled.hash, bundled]),
)

function bundle(value: unknown): BundledTable {
  const parsed = parsePriceTable(value)
  if (!parsed.ok) throw new Error(`a bundled price table is wrong: ${parsed.problems.join('; ')}`)
  const { table } = parsed
  return { table, hash: tableHashOf(table), uri: `mooring:prices/${table.version}` }
}
