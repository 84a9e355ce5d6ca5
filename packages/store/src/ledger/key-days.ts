import type { Credits } from '@mooring/market/metering/holding'
import type { LeaseClaim, UsageLine } from '@mooring/protocol/metering/wire'
import type { Queries } from '../database.ts'
import { arrayOf } from './positions.ts'

/**
 * What keys of projects use in a day (UTC), by which those with a limit are kept to it: also what was used before the limit
 * was set. It counts on the day on which it is posted.
 */

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * What keys may still use today; what is leased for them counts as used. Below zero where a limit was lowered, so that
 * what comes back fills that first. To be asked once their accounts are locked. A key that is not known may use nothing,
 * whatever comes back of it.
 */
export async function readKeyRooms(
  queries: Queries,
  claims: readonly LeaseClaim[],
  day: number,
): Promise<Map<string, Credits>> {
  const keys = [...new Set(claims.map(({ key }) => key))].filter((key) => key !== '')
  const rooms = new Map<string, Credits>(keys.map((key) => [key, -unlimited]))
  if (keys.length === 0) return rooms
  const names = arrayOf(
    queries,
    keys.filter((key) => uuid.test(key)),
  )
  const rows = await queries<{ id: string; limit: string | null; used: string; leased: string }[]>`
    select keys.id, credits_per_day_max as limit,
      coalesce((select used from key_days where key = keys.id::text and day = ${day}), 0) as used,
      coalesce((select sum(credits) from leases where leases.account = keys.account and key = keys.id::text), 0) as leased
    from keys where id = any(${names}::uuid[]) and status = 'active'`
  for (const { id, limit, used, leased } of rows) {
    // A limit that was just taken away: the purse goes on until its key is looked up again.
    const room = limit === null ? unlimited : BigInt(limit) - BigInt(used) - BigInt(leased)
    rooms.set(id, room)
  }
  return rooms
}

const unlimited = 10n ** 18n

export async function addKeyUse(
  queries: Queries,
  usage: readonly UsageLine[],
  day: number,
): Promise<void> {
  const used = new Map<string, Credits>()
  for (const { account, key, credits } of usage) {
    if (account !== null && key !== '' && credits > 0)
      used.set(key, (used.get(key) ?? 0n) + BigInt(credits))
  }
  if (used.size === 0) return
  const keys = [...used.keys()].sort()
  const amounts = keys.map((key) => String(used.get(key)))
  await queries`
    insert into key_days (key, day, used)
    select key, ${day}::int, used::numeric
    from unnest(${arrayOf(queries, keys)}::text[], ${arrayOf(queries, amounts)}::text[]) as new (key, used)
    on conflict (key, day) do update set used = key_days.used + excluded.used`
}
