import type { Holding } from '@mooring/market/metering/holding'
import type { Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { type HoldingRow, holdingOf } from './positions.ts'

export type AssetHolding = Holding & { asset: Asset }

/** What an account has, in the order in which it is used up. */
export async function listHoldings(queries: Queries, account: string): Promise<AssetHolding[]> {
  const rows = await queries<HoldingRow[]>`
    select * from holdings where account = ${account} order by asset`
  return rows.map((row) => ({ asset: row.asset, ...holdingOf(row) }))
}
