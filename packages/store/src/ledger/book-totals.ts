import type { TokenAmount } from '@mooring/protocol/units'
import type { Database } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { type ChainPlace, readChainCursor } from './escrow-events.ts'

/** Sums over all accounts, of one asset. */
export type AssetTotals = Record<
  'tokens' | 'accrued' | 'missing' | 'uncredited' | 'early' | 'unbooked',
  TokenAmount
>

export type BookTotals = { readTo: ChainPlace } & Record<Asset, AssetTotals>

/**
 * What the books hold for all accounts together, as of one moment, and what of the escrows' events is not in that: so
 * that what an escrow has to hold at the block that was read to follows to the unit.
 *
 * @returns Undefined before any block is noted.
 */
export async function readBookTotals(database: Database): Promise<BookTotals | undefined> {
  return await database.sql.begin('isolation level repeatable read', async (queries) => {
    const readTo = await readChainCursor(queries)
    if (readTo === undefined) return undefined
    // What was never credited because it went out again is in `missing` and in `uncredited`, so that it cancels out.
    const rows = await queries<({ asset: Asset } & Record<keyof AssetTotals, string>)[]>`
      select asset, coalesce(tokens, 0) as tokens, coalesce(accrued, 0) as accrued, coalesce(missing, 0) as missing,
        coalesce(uncredited, 0) as uncredited, coalesce(early, 0) as early, coalesce(unbooked, 0) as unbooked
      from unnest(array['ankr', 'usd']::asset[]) as asset
        left join (
          select asset, sum(tokens::numeric) as tokens, sum(accrued::numeric) as accrued, sum(missing::numeric) as missing
          from holdings group by asset
        ) as held using (asset)
        left join (
          select escrow_events.asset, sum(escrow_events.amount - coalesce(booked, 0)) as uncredited
          from escrow_events
            left join deposits on deposits.transaction_hash = escrow_events.transaction_hash
              and deposits.log_index = escrow_events.log_index and deposits.account = escrow_events.account
          where kind = 'deposit' group by escrow_events.asset
        ) as deposited using (asset)
        left join (
          select asset, sum(booked) as early from deposits
          where booked > 0 and block_number > ${readTo.number} group by asset
        ) as ahead using (asset)
        left join (
          select asset, sum(amount) as unbooked from escrow_events
          where kind <> 'deposit' and booked_at is null group by asset
        ) as out using (asset)`
    const of = (wanted: Asset): AssetTotals => {
      const row = rows.find(({ asset }) => asset === wanted)
      const sum = (name: keyof AssetTotals) => BigInt(row?.[name] ?? 0)
      return {
        ...{ tokens: sum('tokens'), accrued: sum('accrued'), missing: sum('missing') },
        ...{ uncredited: sum('uncredited'), early: sum('early'), unbooked: sum('unbooked') },
      }
    }
    return { readTo, ankr: of('ankr'), usd: of('usd') }
  })
}
