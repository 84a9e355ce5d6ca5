import type { Database, Queries } from '../database.ts'
import { addUpMoves, keepMoves, waitForProofs } from './proofs.ts'

/** What the books say of themselves and is not so. */
export type Discrepancy = {
  check: CheckName
  /** Whose; empty where it is nobody's alone. */
  account: string
  detail: string
}

export type CheckName =
  /** What an account has is what its entries say. */
  | 'account-entries'
  /** What gateways lease is what is leased. */
  | 'leases'
  /** What was used is what was charged, or could not be. */
  | 'usage-charges'
  /** What frames of gateways told is what usage counts. */
  | 'frames-usage'
  /** What keys used day by day is what usage counts for them. */
  | 'key-days'
  /** What counts towards the limit of a charge period is what was charged in it. */
  | 'period-used'
  /** What an account has and has used is what was deposited, less what the escrow took and paid out. */
  | 'deposits-left'
  /** What an account has spent is what the escrow took. */
  | 'spent-applied'
  /** What an account has and has used is what the escrow contract holds for it. */
  | 'escrow-mirror'
  /** What was deposited on chain is in the books. */
  | 'deposits-booked'

/** At once: the first is what matters. */
export const discrepanciesMax = 100

/**
 * Compares what is written as a state with what is written as a history, in one view of the database. Only hours that
 * were open the last time are added up anew.
 */
export async function checkBooks(database: Database): Promise<Discrepancy[]> {
  return await database.sql.begin('isolation level repeatable read', async (queries) => {
    await waitForProofs(queries)
    const proof = await addUpMoves(queries)
    const discrepancies = [...(await accountEntries(queries)), ...(await leases(queries))]
    await keepMoves(queries, proof)
    return discrepancies
  })
}

async function accountEntries(queries: Queries): Promise<Discrepancy[]> {
  const rows = await queries<
    { account: string; asset: string; unit: string; place: string; stands: string; sum: string }[]
  >`
    select holdings.account, holdings.asset, kept.unit, kept.place, kept.stands,
      coalesce(proven.amount, 0) + coalesce(added.amount, 0) as sum
    from holdings
      cross join lateral (values
        ('token', 'unused', tokens::numeric), ('token', 'accrued', accrued::numeric),
        ('credit', 'unused', credits::numeric)
      ) as kept (unit, place, stands)
      left join proven_balances as proven on proven.account = holdings.account
        and proven.asset = holdings.asset and proven.unit = kept.unit and proven.place = kept.place
      left join added on added.account = holdings.account
        and added.asset = holdings.asset and added.unit = kept.unit and added.place = kept.place
    where kept.stands <> coalesce(proven.amount, 0) + coalesce(added.amount, 0)
    limit ${discrepanciesMax}`
  return rows.map(({ account, asset, unit, place, stands, sum }) => ({
    check: 'account-entries',
    account,
    detail: `${asset}: ${stands} ${unit}s are ${place}, entries say ${sum}`,
  }))
}

async function leases(queries: Queries): Promise<Discrepancy[]> {
  const rows = await queries<{ account: string; asset: string; leased: string; sum: string }[]>`
    select account, asset, leased, coalesce(sum, 0) as sum
    from holdings left join (
      select account, asset, sum(credits) from leases group by account, asset
    ) as held using (account, asset)
    where leased <> coalesce(sum, 0) limit ${discrepanciesMax}`
  return rows.map(({ account, asset, leased, sum }) => ({
    check: 'leases',
    account,
    detail: `${asset}: ${leased} credits are leased, gateways hold ${sum}`,
  }))
}

/**
 * Compares what counts towards the limit of a charge period with what was charged in it. Looks at three periods: the last
 * is for a clock that is ahead, and higher numbers were given while periods were shorter.
 *
 * @param since - The first period that is compared, and the hour in which it began, or one before.
 */
export async function checkPeriods(
  { sql }: Database,
  since: { period: bigint; hour: number },
): Promise<Discrepancy[]> {
  const rows = await sql<{ account: string; asset: string; used: string; charged: string }[]>`
    select account, asset, period_used as used, coalesce(charged, 0) as charged
    from holdings left join (
      select account, asset, period, sum(tokens) as charged from moves
      where period >= ${since.period} and book_hour >= ${since.hour} group by account, asset, period
    ) as charges using (account, asset, period)
    where period between ${since.period} and ${since.period + 2n} and period_used <> coalesce(charged, 0)
    limit ${discrepanciesMax}`
  return rows.map(({ account, asset, used, charged }) => ({
    check: 'period-used',
    account,
    detail: `${asset}: ${used} tokens count for the charge period, ${charged} were charged in it`,
  }))
}
