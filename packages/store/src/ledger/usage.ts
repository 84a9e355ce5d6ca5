import type { UsageLine } from '@mooring/protocol/metering/wire'
import type { Queries } from '../database.ts'
import { hourOf } from './hours.ts'
import { arrayOf } from './positions.ts'

/** A gateway that was cut off may tell so late of what it served. */
const hoursBackMax = 35 * 24

/**
 * Adds what was used to the hours it was used in. A clock that is ahead does not write into hours to come.
 *
 * @param openHour - The first hour of the books that is open: what was used before it is written there.
 */
export async function addUsage(
  queries: Queries,
  usage: readonly UsageLine[],
  { nowMs, openHour }: { nowMs: number; openHour: number },
): Promise<void> {
  const rows = summed(usage, hourOf(nowMs))
  if (rows.length === 0) return
  const column = (value: (row: Row) => unknown) =>
    arrayOf(
      queries,
      rows.map((row) => String(value(row))),
    )
  await queries`
    insert into usage (book_hour, hour, account, key, chain, method, status, requests, credits)
    select greatest(hour::int, ${openHour}::int), hour::int, account, key, chain, method, status,
      requests::bigint, credits::numeric
    from unnest(${column(({ hour }) => hour)}::text[], ${column(({ account }) => account)}::text[],
      ${column(({ key }) => key)}::text[], ${column(({ chain }) => chain)}::text[],
      ${column(({ method }) => method)}::text[], ${column(({ status }) => status)}::text[],
      ${column(({ requests }) => requests)}::text[], ${column(({ credits }) => credits)}::text[])
      as new (hour, account, key, chain, method, status, requests, credits)
    on conflict (book_hour, hour, account, key, chain, method, status) do update
      set requests = usage.requests + excluded.requests, credits = usage.credits + excluded.credits`
}

type Row = {
  hour: number
  account: string
  key: string
  chain: string
  method: string
  status: string
  requests: bigint
  credits: bigint
}

/** One row for each place, in one order for everybody, so that two posts do not wait for each other. */
function summed(usage: readonly UsageLine[], nowHour: number): Row[] {
  const rows = new Map<string, Row>()
  for (const { account, key, chain, method, status, hour, requests, credits } of usage) {
    const within = Math.min(Math.max(hour, nowHour - hoursBackMax), nowHour)
    const place = JSON.stringify([within, account ?? '', key, chain, method, status])
    const row = rows.get(place)
    if (row === undefined) {
      const amounts = { requests: BigInt(requests), credits: BigInt(credits) }
      rows.set(place, {
        hour: within,
        account: account ?? '',
        key,
        chain,
        method,
        status,
        ...amounts,
      })
    } else {
      row.requests += BigInt(requests)
      row.credits += BigInt(credits)
    }
  }
  return [...rows.keys()].sort().flatMap((place) => rows.get(place) ?? [])
}
