import { accountLife, type SignedTotals } from '@mooring/market/settlement/charge-totals'
import type { TokenAmount } from '@mooring/protocol/units'
import { hashBytes, timeOf } from '../columns.ts'
import type { Database, Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'
import { type ChainPlace, readChainCursor } from './escrow-events.ts'
import { arrayOf } from './positions.ts'

/** What the books say of an account that has used what no root has taken yet. */
export type ChargeableAccount = {
  account: string
  life: bigint
  spent: TokenAmount
  accrued: TokenAmount
  /** What the escrow holds of it. */
  balance: TokenAmount
}

export type ChargeableBooks = { readTo: ChainPlace; accounts: ChargeableAccount[] }

/**
 * All accounts of an asset that can be charged, as of one moment. Left out are those of which a charge or a withdrawal is
 * noted and not booked: what they have used in which life is not known before.
 *
 * @returns Undefined before any block is noted.
 */
export async function readChargeableBooks(
  database: Database,
  asset: Asset,
): Promise<ChargeableBooks | undefined> {
  return await database.sql.begin('isolation level repeatable read', async (queries) => {
    const readTo = await readChainCursor(queries)
    if (readTo === undefined) return undefined
    const rows = await queries<Record<keyof ChargeableAccount, string>[]>`
      select account, life, spent, accrued, tokens + accrued as balance from holdings
      where asset = ${asset} and accrued > 0 and not exists (
        select from escrow_events where escrow_events.account = holdings.account
          and escrow_events.asset = holdings.asset and booked_at is null and kind <> 'deposit')`
    const accounts = rows.map(({ account, life, spent, accrued, balance }) => ({
      ...{ account, life: BigInt(life), spent: BigInt(spent) },
      ...{ accrued: BigInt(accrued), balance: BigInt(balance) },
    }))
    return { readTo, accounts }
  })
}

/** Which root of which charge period a file is for. */
export type ChargeFileKey = { asset: Asset; rootId: bigint; periodEndMs: number }

export type StoredChargeFile = ChargeFileKey & { dataHash: `0x${string}`; content: string }

/** Keeps a file for ever. @returns False when there is one for the same root and period already, which stays. */
export async function saveChargeFile(
  queries: Queries,
  { asset, rootId, periodEndMs, dataHash, content }: StoredChargeFile,
  nowMs: number,
): Promise<boolean> {
  const saved = await queries`
    insert into charge_files (asset, root_id, period_end, data_hash, content, made_at)
    values (${asset}, ${rootId}, ${timeOf(periodEndMs)}, ${hashBytes(dataHash)}, ${content}, ${timeOf(nowMs)})
    on conflict (asset, root_id, period_end) do nothing`
  return saved.count > 0
}

export async function hasChargeFile(
  queries: Queries,
  { asset, rootId, periodEndMs }: ChargeFileKey,
): Promise<boolean> {
  const rows = await queries`
    select from charge_files
    where asset = ${asset} and root_id = ${rootId} and period_end = ${timeOf(periodEndMs)}`
  return rows.length > 0
}

/** The text of the file for a root: that of the newest period, if there are several. */
export async function findNewestChargeFile(
  queries: Queries,
  { asset, rootId }: Pick<ChargeFileKey, 'asset' | 'rootId'>,
): Promise<string | undefined> {
  const [row] = await queries<{ content: string }[]>`
    select content from charge_files where asset = ${asset} and root_id = ${rootId}
    order by period_end desc limit 1`
  return row?.content
}

/**
 * The highest total that the files with these hashes have for each account and life, by `accountLife`. The database takes
 * them apart, so that files of many accounts hold up nobody here.
 */
export async function readSignedTotals(
  queries: Queries,
  dataHashes: readonly `0x${string}`[],
): Promise<SignedTotals> {
  if (dataHashes.length === 0) return new Map()
  const hashes = arrayOf(
    queries,
    dataHashes.map((hash) => hash.slice(2)),
  )
  const rows = await queries<{ account: `0x${string}`; life: number; total: string }[]>`
    select leaf ->> 'account' as account, (leaf ->> 'life')::float8 as life,
      max((leaf ->> 'total')::numeric)::text as total
    from charge_files, jsonb_array_elements(content::jsonb -> 'leaves') as leaf
    where data_hash in (select decode(hash, 'hex') from unnest(${hashes}::text[]) as of_roots (hash))
    group by 1, 2`
  return new Map(rows.map((row) => [accountLife(row), BigInt(row.total)]))
}

/** The text of the file with this hash. */
export async function findChargeFile(
  queries: Queries,
  dataHash: string,
): Promise<string | undefined> {
  const [row] = await queries<{ content: string }[]>`
    select content from charge_files where data_hash = ${hashBytes(dataHash)}`
  return row?.content
}
