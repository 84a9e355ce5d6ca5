import type { Database, Queries } from '../database.ts'

/** What the books say of themselves and is not so. */
export type Discrepancy = {
  check: CheckName
  /** Whose; empty where it is nobody's alone. */
  account: string
  detail: string
}

export type CheckName =
  /** The places of a unit sum up to nothing. */
  | 'sum-zero'
  /** What an account has is what its entries say. */
  | 'account-entries'
  /** What gateways lease is what is leased. */
  | 'leases'
  /** What was used is what was charged, or could not be. */
  | 'usage-charges'
  /** What an account has and has used is what the escrow contract holds for it. */
  | 'escrow-mirror'
  /** What was deposited on chain is in the books. */
  | 'deposits-booked'

export type Checked = { discrepancies: Discrepancy[]; journals: bigint }

/** At once: the first is what matters. */
const discrepanciesMax = 100

/**
 * Compares what is written as a state with what is written as a history, in one view of the database. Only what moved
 * since the last time is added up anew: what was proven then is kept, and journals that were still open are not part
 * of it.
 */
export async function checkBooks(database: Database): Promise<Checked> {
  return await database.sql.begin('isolation level repeatable read', async (queries) => {
    await waitForOthers(queries)
    const journals = await addUp(queries)
    const discrepancies = [
      ...(await sumZero(queries)),
      ...(await accountEntries(queries)),
      ...(await leases(queries)),
    ]
    await keepProven(queries)
    return { discrepancies, journals }
  })
}

/** Compares all that was used with all that was charged: reads every row of the usage, so it is made less often. */
export async function checkUsage(database: Database): Promise<Discrepancy[]> {
  return await database.sql.begin('isolation level repeatable read', async (queries) => {
    await waitForOthers(queries)
    await addUp(queries)
    return await usageCharges(queries)
  })
}

/**
 * One check after the other. A lock of the table and not of its row: it takes no view of the database, so that what the
 * check before has written is part of the view that is taken next. Behind a row's lock it would be a collision.
 */
async function waitForOthers(queries: Queries): Promise<void> {
  await queries`lock table proven_until in share row exclusive mode`
}

/** Balances by entries: those proven before and all that came since. */
async function addUp(queries: Queries): Promise<bigint> {
  await beginAnewInAnotherCluster(queries)
  await queries`
    create temporary table added on commit drop as
      select account, asset, unit, place, sum(amount) as amount,
        coalesce(sum(amount) filter (where txid < pg_snapshot_xmin(pg_current_snapshot())), 0) as settled
      from entries join journals on journals.id = journal
      where txid >= (select txid from proven_until)
      group by account, asset, unit, place`
  const [row] = await queries<{ count: string }[]>`
    select count(*) from journals where txid >= (select txid from proven_until)`
  return BigInt(row?.count ?? 0)
}

/** Transactions of a database that was restored elsewhere count from the start again, so all is to be proven again. */
async function beginAnewInAnotherCluster(queries: Queries): Promise<void> {
  const begun = await queries`
    update proven_until set txid = '0' where txid > pg_snapshot_xmax(pg_current_snapshot())`
  if (begun.count > 0) await queries`delete from proven_balances`
}

async function sumZero(queries: Queries): Promise<Discrepancy[]> {
  const rows = await queries<{ account: string; asset: string; unit: string; sum: string }[]>`
    select account, asset, unit, sum(amount) from added
    group by account, asset, unit having sum(amount) <> 0 limit ${discrepanciesMax}`
  return rows.map(({ account, asset, unit, sum }) => ({
    check: 'sum-zero',
    account,
    detail: `${asset} ${unit}s sum up to ${sum}`,
  }))
}

async function accountEntries(queries: Queries): Promise<Discrepancy[]> {
  const rows = await queries<
    { account: string; asset: string; place: string; stands: string; entered: string }[]
  >`
    select holdings.account, holdings.asset, kept.place, kept.stands,
      coalesce(proven.amount, 0) + coalesce(added.amount, 0) as entered
    from holdings
      cross join lateral (values
        ('token', 'unused', tokens::numeric), ('token', 'accrued', accrued::numeric),
        ('token', 'escrow', -(tokens + accrued)::numeric),
        ('credit', 'unused', (credits - leased)::numeric), ('credit', 'leased', leased::numeric)
      ) as kept (unit, place, stands)
      left join proven_balances as proven on proven.account = holdings.account
        and proven.asset = holdings.asset and proven.unit = kept.unit and proven.place = kept.place
      left join added on added.account = holdings.account
        and added.asset = holdings.asset and added.unit = kept.unit and added.place = kept.place
    where kept.stands <> coalesce(proven.amount, 0) + coalesce(added.amount, 0)
    limit ${discrepanciesMax}`
  return rows.map(({ account, asset, place, stands, entered }) => ({
    check: 'account-entries',
    account,
    detail: `${asset} ${place}: stands at ${stands}, entries say ${entered}`,
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

async function usageCharges(queries: Queries): Promise<Discrepancy[]> {
  const rows = await queries<{ account: string; used: string; told: string }[]>`
    select account, coalesce(used, 0) as used, coalesce(told, 0) as told
    from (
      select account, sum(amount) as used from (
        select account, amount from proven_balances where unit = 'credit' and place = 'used'
        union all select account, amount from added where unit = 'credit' and place = 'used'
        union all select account, credits from uncollected
      ) as parts group by account
    ) as charged full join (
      select account, sum(credits) as told from usage where account <> '' group by account
    ) as told using (account)
    where coalesce(used, 0) <> coalesce(told, 0) limit ${discrepanciesMax}`
  return rows.map(({ account, used, told }) => ({
    check: 'usage-charges',
    account,
    detail: `${told} credits were used, ${used} were charged or could not be`,
  }))
}

/** Journals whose transactions may still be open are added up again the next time. */
async function keepProven(queries: Queries): Promise<void> {
  await queries`
    insert into proven_balances (account, asset, unit, place, amount)
    select account, asset, unit, place, settled from added where settled <> 0
    on conflict (account, asset, unit, place) do update
      set amount = proven_balances.amount + excluded.amount`
  await queries`update proven_until set txid = pg_snapshot_xmin(pg_current_snapshot())`
}
