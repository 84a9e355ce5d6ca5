import type { Move } from '@mooring/market/metering/holding'
import { timeOf } from '../columns.ts'
import type { Queries } from '../database.ts'
import { arrayOf } from './positions.ts'

export type Booking = { account: string; asset: string; move: Move }

/**
 * Writes what one cause has changed.
 *
 * @param cause - Its name for ever, by which it counts once. Throws when it was booked before.
 * @returns The number of the journal; undefined where nothing moved.
 */
export async function writeJournal(
  queries: Queries,
  { cause, nowMs }: { cause: string; nowMs: number },
  bookings: readonly Booking[],
): Promise<bigint | undefined> {
  if (bookings.length === 0) return undefined
  const journal = await openJournal(queries, { cause, nowMs })
  const column = (value: (booking: Booking) => unknown) =>
    arrayOf(
      queries,
      bookings.map((booking) => String(value(booking))),
    )
  await queries`
    insert into moves (journal, account, asset, verb, tokens, credits)
    select ${journal}::bigint, account, asset, verb, tokens::numeric, credits::numeric
    from unnest(${column(({ account }) => account)}::text[], ${column(({ asset }) => asset)}::text[],
      ${column(({ move }) => move.verb)}::text[], ${column(({ move }) => move.tokens)}::text[],
      ${column(({ move }) => move.credits)}::text[]) as new (account, asset, verb, tokens, credits)`
  return journal
}

export async function openJournal(
  queries: Queries,
  { cause, nowMs }: { cause: string; nowMs: number },
): Promise<bigint> {
  const [row] = await queries<{ id: string }[]>`
    insert into journals (cause, at) values (${cause}, ${timeOf(nowMs)}) returning id`
  if (row === undefined) throw new Error('a journal that was opened has no number')
  return BigInt(row.id)
}
