import type { Credits } from '@mooring/market/metering/holding'
import type { TokenAmount } from '@mooring/protocol/units'
import type { Database, Queries } from '../database.ts'
import type { Asset } from '../deposits.ts'

/** Epochs of the settlement chain that are closed together, both ends among them. */
export type EpochSpan = { first: bigint; last: bigint }

/** What gateways told of a node and a chain. Node 0 stands for upstreams that are no node of the registry. */
export type WorkRow = {
  nodeId: bigint
  chain: string
  asked: bigint
  answered: bigint
  failed: bigint
  late: bigint
  credits: Credits
}

/** What the books have of some epochs, in the order of epoch files. */
export type EpochBooks = {
  /** By asset and account. */
  charges: { account: string; asset: Asset; credits: Credits; tokens: TokenAmount }[]
  /** By chain; what nobody could pay is in it. */
  served: { chain: string; charged: Credits }[]
  /** By node and chain. */
  work: WorkRow[]
}

/** Who writes for long holds an epoch open; all others would wait behind whoever waits to close it. */
const lockTimeoutMs = 2_000

/**
 * Closes the books of an epoch and all before it: what is told from now on counts to a later one. Throws where somebody has
 * been writing for seconds.
 */
export async function closeBooks(database: Database, epoch: bigint): Promise<void> {
  const [row] = await database.sql<{ open_epoch: string }[]>`select open_epoch from epoch_books`
  if (row === undefined) throw new Error('the books have no epochs')
  if (BigInt(row.open_epoch) > epoch) return
  await database.transact(async (queries) => {
    await queries.unsafe(`set local lock_timeout = ${lockTimeoutMs}`)
    // Waits for those who are writing into the epochs that are open now.
    await queries`lock table epoch_books in exclusive mode`
    await queries`update epoch_books set open_epoch = ${epoch + 1n} where open_epoch <= ${epoch}`
  })
}

/** Whether anything was charged in an epoch that no file goes on from. */
export async function hasCharged(queries: Queries): Promise<boolean> {
  const rows = await queries`
    select from epoch_served
    where charged > 0 and epoch > (select coalesce(max(previous), -1) from epoch_files) limit 1`
  return rows.length > 0
}

/** What the requests of some epochs were charged, whoever could pay it. */
export async function readCharged(queries: Queries, span: EpochSpan): Promise<Credits> {
  const [row] = await queries<{ charged: string }[]>`
    select coalesce(sum(charged), 0) as charged from epoch_served
    where epoch between ${span.first} and ${span.last}`
  return BigInt(row?.charged ?? 0)
}

/**
 * What accounts were charged up to an epoch, in base units of any asset, and no root has taken: a root takes what was charged
 * first. Not all of it can become a fee: the part that nobody may take before a cap is free again waits for long.
 */
export async function readUntaken(queries: Queries, last: bigint): Promise<TokenAmount> {
  const [row] = await queries<{ untaken: string }[]>`
    select coalesce(sum(greatest(0, accrued::numeric - coalesce(later.tokens, 0))), 0) as untaken
    from holdings left join (
      select account, asset, sum(tokens) as tokens from moves where epoch > ${last} group by account, asset
    ) as later using (account, asset)
    where accrued > 0`
  return BigInt(row?.untaken ?? 0)
}

/** Of epochs that are closed, so that it stays what it is. */
export async function readEpochBooks(
  queries: Queries,
  { first, last }: EpochSpan,
): Promise<EpochBooks> {
  // Text of the database may be in another order than that of its characters.
  const charges = await queries<Record<'account' | 'asset' | 'credits' | 'tokens', string>[]>`
    select account, asset, sum(credits) as credits, sum(tokens) as tokens from moves
    where epoch between ${first} and ${last}
    group by account, asset order by asset::text collate "C", account collate "C"`
  const served = await queries<{ chain: string; charged: string }[]>`
    select chain, sum(charged) as charged from epoch_served
    where epoch between ${first} and ${last} group by chain order by chain collate "C"`
  const work = await queries<(Record<Exclude<keyof WorkRow, 'nodeId'>, string> & NodeId)[]>`
    select node_id, chain, sum(asked) as asked, sum(answered) as answered, sum(failed) as failed, sum(late) as late,
      sum(credits) as credits
    from node_work where epoch between ${first} and ${last}
    group by node_id, chain order by node_id, chain collate "C"`
  return {
    charges: charges.map(({ account, asset, credits, tokens }) => ({
      // Of the type of its column.
      ...{ account, asset: asset as Asset, credits: BigInt(credits), tokens: BigInt(tokens) },
    })),
    served: served.map(({ chain, charged }) => ({ chain, charged: BigInt(charged) })),
    work: work.map(({ node_id, chain, ...counts }) => ({
      ...{ nodeId: BigInt(node_id), chain, asked: BigInt(counts.asked) },
      ...{ answered: BigInt(counts.answered), failed: BigInt(counts.failed) },
      ...{ late: BigInt(counts.late), credits: BigInt(counts.credits) },
    })),
  }
}

type NodeId = { node_id: string }
