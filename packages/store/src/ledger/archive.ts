import type { Database, Queries } from '../database.ts'
import { waitForProofs } from './proofs.ts'

/** Months of the books, and taking them out of it. */

export type BookMonth = {
  /** As 2026-06, in UTC. */
  month: string
  /** Its hours are closed, and proven to add up. */
  isProven: boolean
  isArchived: boolean
  tables: { name: string; rows: bigint; bytes: bigint }[]
}

/** Why a month stays. */
export class MonthStays extends Error {}

// As posts take them, so that neither waits for the other.
const parents = ['usage', 'moves'] as const
/** So long after its end accounts look at it, and checks of charge periods. */
const keptDaysMin = 35
const dayMs = 86_400_000
const hourMs = 3_600_000
/** Who reads for long holds a month up; others must not wait behind. */
const lockTimeoutMs = 5_000

/** Oldest first. The number of rows is as PostgreSQL last guessed it. */
export async function listMonths({ sql }: Pick<Database, 'sql'>): Promise<BookMonth[]> {
  const rows = await sql<MonthRow[]>`
    select month, archived_at is not null as is_archived, to_hour <= least(moves_hour, usage_hour) as is_proven,
      array(
        select jsonb_build_object('name', relname::text, 'rows', greatest(reltuples, 0)::bigint::text,
          'bytes', pg_total_relation_size(pg_class.oid)::text)
        from pg_class where oid in (to_regclass('moves_' || replace(month, '-', '_')), to_regclass('usage_' || replace(month, '-', '_')))
        order by relname
      ) as tables
    from book_months cross join proven_until order by from_hour`
  return rows.map(({ month, is_archived, is_proven, tables }) => ({
    ...{ month, isProven: is_proven, isArchived: is_archived },
    tables: tables.map(({ name, rows, bytes }) => ({
      name,
      rows: BigInt(rows),
      bytes: BigInt(bytes),
    })),
  }))
}

type MonthRow = {
  month: string
  is_archived: boolean
  is_proven: boolean
  tables: { name: string; rows: string; bytes: string }[]
}

/**
 * Takes the oldest month out of the books: its sums stay, its tables stand alone, to be copied and dropped. Checks go on as
 * before, and what an account sees begins with the month after. Throws `MonthStays`.
 *
 * @param month - As 2026-06.
 * @returns The names of its tables.
 */
export async function archiveMonth(
  database: Database,
  month: string,
  nowMs: number,
): Promise<string[]> {
  return await database.transact(async (queries) => {
    await queries.unsafe(`set local lock_timeout = ${lockTimeoutMs}`)
    await waitForProofs(queries)
    const { fromHour, toHour } = await oldestMonth(queries, month, nowMs)
    await queries`
      insert into archived_balances (account, asset, unit, place, amount)
      select account, asset, unit, place, sum(amount) from entries
      where book_hour >= ${fromHour} and book_hour < ${toHour} group by account, asset, unit, place
      on conflict (account, asset, unit, place) do update
        set amount = archived_balances.amount + excluded.amount`
    await queries`
      insert into archived_usage (account, key, requests, credits)
      select account, key, sum(requests), sum(credits) from usage
      where book_hour >= ${fromHour} and book_hour < ${toHour} group by account, key
      on conflict (account, key) do update set requests = archived_usage.requests + excluded.requests,
        credits = archived_usage.credits + excluded.credits`
    const tableOf = (parent: string) => `${parent}_${month.replace('-', '_')}`
    // The month is one that there is, so that its name may stand in a statement.
    for (const parent of parents) {
      await queries.unsafe(`alter table ${parent} detach partition ${tableOf(parent)}`)
    }
    await queries`
      update book_months set archived_at = to_timestamp(${nowMs / 1_000}) where month = ${month}`
    return parents.map(tableOf).sort()
  })
}

async function oldestMonth(
  queries: Queries,
  month: string,
  nowMs: number,
): Promise<{ fromHour: number; toHour: number }> {
  const [oldest] = await queries<
    { month: string; from_hour: number; to_hour: number; proven: number }[]
  >`
    select month, from_hour, to_hour, least(moves_hour, usage_hour) as proven
    from book_months cross join proven_until where archived_at is null order by from_hour limit 1`
  if (oldest === undefined || oldest.month !== month) {
    throw new MonthStays(
      `months go one after the other: the oldest in the books is ${oldest?.month}`,
    )
  }
  if (oldest.to_hour * hourMs > nowMs - keptDaysMin * dayMs) {
    throw new MonthStays(`a month stays for ${keptDaysMin} days after its end`)
  }
  if (oldest.proven < oldest.to_hour) {
    throw new MonthStays(
      'not all of the month is proven to add up: have the billing service check the books once',
    )
  }
  const hours = { fromHour: oldest.from_hour, toHour: oldest.to_hour }
  await assertSettled(queries, hours)
  return hours
}

/** Files of epochs are made from charges, and made anew until somebody has posted one. */
async function assertSettled(
  queries: Queries,
  { fromHour, toHour }: { fromHour: number; toHour: number },
): Promise<void> {
  const [row] = await queries<{ epoch: string | null }[]>`
    select max(epoch) as epoch from moves
    where book_hour >= ${fromHour} and book_hour < ${toHour}
      and epoch > (select coalesce(max(previous), -1) from epoch_files)`
  const epoch = row?.epoch ?? null
  if (epoch === null) return
  throw new MonthStays(
    `charges of epoch ${epoch} are in it, and no file of epochs goes on from that`,
  )
}
