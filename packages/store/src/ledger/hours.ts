import type { Database, Queries } from '../database.ts'

/**
 * The hours of the books. What is written goes into the hour it is, or the first that is open; an hour that is closed stays
 * as it is, so that it is proven once.
 */

const hourMs = 3_600_000
/** Since it was over: what is counted late by some minutes goes into its own hour. */
const openHoursMin = 1
/** There is room for so long, so that nothing stops when nobody makes more of it for a month. */
const roomHours = 62 * 24
/** Who writes for long holds an hour open; all others would wait behind whoever waits to close it. */
const lockTimeoutMs = 2_000

export function hourOf(ms: number): number {
  return Math.floor(ms / hourMs)
}

/**
 * The first hour that is open. It stays so until the transaction ends: who closes hours waits for that, and a statement
 * sees what was written before the lock was had.
 */
export async function lockOpenHour(queries: Queries): Promise<number> {
  await queries`lock table book_hours in row exclusive mode`
  return await readOpenHour(queries)
}

async function readOpenHour(queries: Queries): Promise<number> {
  const [row] = await queries<{ open_hour: number }[]>`select open_hour from book_hours`
  if (row === undefined) throw new Error('the books have no hours')
  return row.open_hour
}

/**
 * What time it is at the most: by the clock that is behind, one's own or the database's. For what cannot be undone, such as
 * to close an hour.
 */
export async function cautiousNowMs(
  { sql }: Pick<Database, 'sql'>,
  nowMs: number,
): Promise<number> {
  const [row] = await sql<{ ms: string }[]>`
    select floor(extract(epoch from now()) * 1000)::bigint as ms`
  if (row === undefined) throw new Error('the database does not say what time it is')
  return Math.min(nowMs, Number(row.ms))
}

/**
 * Closes the hours that are over, and makes room for those to come. To be done now and then. Throws where somebody has been
 * writing for seconds: an hour that stays open is no harm, it is only read again by each check.
 */
export async function keepHours(database: Database, nowMs: number): Promise<void> {
  const nowHour = hourOf(nowMs)
  await openMonths(database, nowMs)
  const closedBefore = nowHour - openHoursMin
  if ((await readOpenHour(database.sql)) >= closedBefore) return
  await database.transact(async (queries) => {
    await queries.unsafe(`set local lock_timeout = ${lockTimeoutMs}`)
    // Waits for those who are writing into the hours that are open now.
    await queries`lock table book_hours in exclusive mode`
    await queries`
      update book_hours set open_hour = ${closedBefore} where open_hour < ${closedBefore}`
  })
}

/** Makes room for the hours to come. A write without room fails, and is tried again by whoever makes it. */
export async function openMonths({ sql }: Database, nowMs: number): Promise<void> {
  const upTo = hourOf(nowMs) + roomHours
  const [row] = await sql<{ has_room: boolean }[]>`
    select coalesce(max(to_hour) > ${upTo}, false) as has_room from book_months`
  if (row?.has_room !== true) await sql`select open_months(${upTo}::int)`
}
