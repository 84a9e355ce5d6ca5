import type { TokenAmount } from '@mooring/protocol/units'
import { timeOf } from '../columns.ts'
import type { Database, Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { readChainCursor } from './escrow-events.ts'
import { arrayOf } from './positions.ts'

/** What the books expect the escrow to hold for an account. */
export type Mirrored = { account: string; asset: Asset; expected: TokenAmount }

/** As of one moment: what was in the books when they had all final blocks up to this one. */
export type Mirror = { blockNumber: bigint; accounts: Mirrored[] }

export type MirrorName = Pick<Mirrored, 'account' | 'asset'>

/**
 * Accounts to be compared with the chain: those that were not for longest, and some that are wanted beside them. Left out are those of which something
 * is on its way: an event that is noted and not booked, or a deposit in a block that is not noted yet, or of which not
 * all is credited. A deposit that the final chain does not have leaves nobody out: it is what is looked for.
 *
 * @returns Undefined before any block is noted.
 */
export async function readMirror(
  database: Database,
  countMax: number,
  wanted: readonly MirrorName[] = [],
): Promise<Mirror | undefined> {
  return await database.sql.begin('isolation level repeatable read', async (queries) => {
    const cursor = await readChainCursor(queries)
    if (cursor === undefined) return undefined
    const rows = await queries<{ account: string; asset: Asset; expected: string }[]>`
      select account, asset, tokens + accrued as expected
      from holdings left join ${rowsOf(queries, wanted)} as wanted (account, asset) using (account, asset)
      where not exists (
          select from escrow_events where escrow_events.account = holdings.account
            and escrow_events.asset = holdings.asset and booked_at is null)
        and not exists (
          select from deposits
          where deposits.account = holdings.account and deposits.asset = holdings.asset and booked > 0
            and (block_number > ${cursor.number} or state <> 'final' and exists (
              select from escrow_events where kind = 'deposit'
                and escrow_events.transaction_hash = deposits.transaction_hash
                and escrow_events.log_index = deposits.log_index)))
      order by wanted.account is null, mirrored_at nulls first limit ${countMax + wanted.length}`
    const accounts = rows.map(({ account, asset, expected }) => ({
      ...{ account, asset, expected: BigInt(expected) },
    }))
    return { blockNumber: cursor.number, accounts }
  })
}

export async function markMirrored(
  queries: Queries,
  accounts: readonly MirrorName[],
  nowMs: number,
): Promise<void> {
  if (accounts.length === 0) return
  await queries`
    update holdings set mirrored_at = ${timeOf(nowMs)}
    from ${rowsOf(queries, accounts)} as seen (account, asset)
    where holdings.account = seen.account and holdings.asset = seen.asset`
}

function rowsOf(queries: Queries, all: readonly MirrorName[]) {
  const names = arrayOf(
    queries,
    all.map(({ account }) => account),
  )
  const assets = arrayOf(
    queries,
    all.map(({ asset }) => asset),
  )
  return queries`unnest(${names}::text[], ${assets}::text[])`
}
