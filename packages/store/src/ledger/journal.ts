import type { Move } from '@mooring/market/metering/holding'
import { timeOf } from '../columns.ts'
import type { Queries } from '../database.ts'
import { hourOf, lockOpenHour } from './hours.ts'
import { arrayOf } from './positions.ts'

export type Booking = { account: string; asset: string; move: Move }

/**
 * Writes what one cause has changed.
 *
 * @param cause - Its name. Whoever brings it sees to it that it comes once: the row that it is of is locked and says so.
 */
export async function writeJournal(
  queries: Queries,
  { cause, nowMs }: { cause: string; nowMs: number },
  bookings: readonly Booking[],
): Promise<void> {
  if (bookings.length === 0) return
  const bookHour = Math.max(hourOf(nowMs), await lockOpenHour(queries))
  await queries`
    insert into moves (book_hour, account, asset, verb, cause, at, tokens, credits)
    select ${bookHour}::int, account, asset, verb, ${cause}::text, ${timeOf(nowMs)}::timestamptz, tokens, credits
    from ${rowsOf(queries, bookings)}`
}

/**
 * Adds what a post has charged to what was charged before in the same hour, charge period and epoch of the settlement
 * chain. To be done once the holdings are saved: they say which period it is.
 */
export async function addCharges(
  queries: Queries,
  bookings: readonly Booking[],
  { bookHour, chainEpoch }: { bookHour: number; chainEpoch: bigint },
): Promise<void> {
  if (bookings.length === 0) return
  // Looked up one by one: a join would read the holdings of everybody. What has none has no cause, and is refused.
  await queries`
    insert into moves (book_hour, account, asset, verb, cause, period, epoch, at, tokens, credits)
    select ${bookHour}::int, account, asset, verb, 'period ' || period || ' epoch ' || ${chainEpoch}::bigint, period,
      ${chainEpoch}::bigint, to_timestamp(${bookHour}::int * 3600.0), tokens, credits
    from (
      select account, asset, verb, sum(tokens) as tokens, sum(credits) as credits, (
        select period from holdings where holdings.account = new.account and holdings.asset = new.asset
      ) as period
      from ${rowsOf(queries, bookings)} group by account, asset, verb
    ) as summed
    on conflict (book_hour, account, asset, verb, cause) do update
      set tokens = moves.tokens + excluded.tokens, credits = moves.credits + excluded.credits`
}

function rowsOf(queries: Queries, bookings: readonly Booking[]) {
  const column = (value: (booking: Booking) => unknown) =>
    arrayOf(
      queries,
      bookings.map((booking) => String(value(booking))),
    )
  return queries`
    unnest(${column(({ account }) => account)}::text[], ${column(({ asset }) => asset)}::text[],
      ${column(({ move }) => move.verb)}::text[], ${column(({ move }) => move.tokens)}::numeric[],
      ${column(({ move }) => move.credits)}::numeric[]) as new (account, asset, verb, tokens, credits)`
}
