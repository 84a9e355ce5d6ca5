import type { Database } from '../database.ts'
import { type Discrepancy, discrepanciesMax } from './check.ts'

/**
 * Compares what accounts have with what was deposited for them and what the escrows took and paid out: by the rows of
 * deposits and of events, which know nothing of moves.
 */
export async function checkEscrow({ sql }: Database): Promise<Discrepancy[]> {
  const rows = await sql<Row[]>`
    select * from (
      select holdings.account, holdings.asset, tokens::numeric + accrued::numeric as stands,
        coalesce(brought, 0) - coalesce(taken, 0) + missing::numeric as "left",
        spent::numeric as spent, coalesce(applied, 0) as applied
      from holdings
        left join (
          select account, asset, sum(booked) as brought from deposits where booked > 0 group by account, asset
        ) as deposited using (account, asset)
        left join (
          select account, asset, sum(amount) as taken from escrow_events
          where kind <> 'deposit' and booked_at is not null group by account, asset
        ) as out using (account, asset)
        left join (
          select account, asset, life, sum(amount) as applied from escrow_events
          where kind = 'charge' and booked_at is not null group by account, asset, life
        ) as charges using (account, asset, life)
    ) as compared
    where stands <> "left" or spent <> applied limit ${discrepanciesMax}`
  return rows.flatMap(discrepanciesOf)
}

type Row = Record<'account' | 'asset' | 'stands' | 'left' | 'spent' | 'applied', string>

function discrepanciesOf({ account, asset, stands, left, spent, applied }: Row): Discrepancy[] {
  const found: Discrepancy[] = []
  if (stands !== left) {
    const detail = `${asset}: ${stands} tokens stand in the books, ${left} are left of what was deposited`
    found.push({ check: 'deposits-left', account, detail })
  }
  if (spent !== applied) {
    const detail = `${asset}: ${spent} tokens are spent, roots took ${applied} in this life of the account`
    found.push({ check: 'spent-applied', account, detail })
  }
  return found
}
