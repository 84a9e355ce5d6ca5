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

/**
 * Accounts to be compared with the chain, those first that were not for longest. Left out are those of which something
 * is on its way: an event that is noted and not booked, or a deposit in a block that is not noted yet, or of which not
 * all is credited. A deposit that the final chain does not have leaves nobody out: it is what is looked for.
 *
 * @returns Undefined before any block is noted.
 */
export async function readMirror(
  database: Database,
  countMax: number,
): Promise<Mirror | undefined> {
  return await database.sql.begin('isolation level repeatable read', async (queries) => {
    const cursor = await readChainCursor(queries)
    if (cursor === undefined) return undefined
    const rows = await queries<{ account: string; asset: Asset; expected: string }[]>`
      select account, asset, tokens + accrued as expected from holdings
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
      order by mirrored_at nulls first limit ${countMax}`
    const accounts = rows.map(({ account, asset, expected }) => ({
      ...{ account, asset, expected: BigInt(expected) },
    }))
    return { blockNumber: cursor.number, accounts }
  })
}

export async function markMirrored(
  queries: Queries,
  accounts: readonly Mirrored[],
  nowMs: number,
): Promise<void> {
  if (accounts.length === 0) return
  const names = arrayOf(
    queries,
    accounts.map(({ account }) => account),
  )
  const assets = arrayOf(
    queries,
    accounts.map(({ asset }) => asset),
  )
  await queries`
    update holdings set mirrored_at = ${timeOf(nowMs)}
    from unnest(${names}::text[], ${assets}::text[]) as seen (account, asset)
    where holdings.account = seen.account and holdings.asset = seen.asset`
}
