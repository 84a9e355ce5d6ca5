import type { Credits } from '@mooring/market/metering/holding'
import type { Queries } from '../database.ts'

/** What an account has used, read out of the hours in which it did. */

export const usageGroupings = ['hour', 'day', 'chain', 'method', 'key', 'status'] as const
export type UsageGrouping = (typeof usageGroupings)[number]

export type UsageFilter = {
  account: string
  /** Hours since 1970: from this one, and up to the one before that. */
  fromHour: number
  toHour: number
  chain?: string | undefined
  /** Id of a project's key; `''` for the account's own access key and tokens. */
  key?: string | undefined
  /** Id of a project: keys that it has now. */
  project?: string | undefined
}

export type UsageSum = { requests: bigint; credits: Credits }
/** `group`: an hour or a day since 1970, padded so that text sorts as numbers do; else the value itself. */
export type UsageGroup = UsageSum & { group: string }

/**
 * Sums up what was used. The total and the groups are of one moment.
 *
 * @param after - The last group of the page before, or undefined for the first page.
 * @returns The total of all groups, and at most `countMax` groups in their order.
 */
export async function sumUsage(
  queries: Queries,
  filter: UsageFilter,
  { by, after, countMax }: { by: UsageGrouping; after: string | undefined; countMax: number },
): Promise<{ total: UsageSum; groups: UsageGroup[] }> {
  const { account, fromHour, toHour, chain = null, key = null, project = null } = filter
  const rows = await queries<{ part: string | null; requests: string; credits: string }[]>`
    with used as (
      select (case ${by}::text
          when 'hour' then lpad(hour::text, 10, '0') when 'day' then lpad((hour / 24)::text, 10, '0')
          when 'chain' then chain when 'method' then method when 'key' then key::text else status
        end) collate "C" as part, sum(requests) as requests, sum(credits) as credits
      from usage
      where account = ${account} and book_hour >= ${fromHour} and hour >= ${fromHour} and hour < ${toHour}
        and (${chain}::text is null or chain = ${chain}) and (${key}::text is null or key = ${key})
        and (${project}::text is null
          or key in (select id::text from keys where account = ${account} and project_id::text = ${project}))
      group by 1
    ), page as (
      select * from used where ${after ?? null}::text is null or part > ${after ?? null}
      order by part limit ${countMax}
    )
    select null as part, coalesce(sum(requests), 0) as requests, coalesce(sum(credits), 0) as credits from used
    union all select part, requests, credits from page
    order by part nulls first`
  const sums = rows.map(({ part, requests, credits }) => ({
    part,
    ...{ requests: BigInt(requests), credits: BigInt(credits) },
  }))
  const total = { requests: sums[0]?.requests ?? 0n, credits: sums[0]?.credits ?? 0n }
  const groups = sums.flatMap(({ part, ...sum }) =>
    part === null ? [] : [{ group: part, ...sum }],
  )
  return { total, groups }
}

export type UsageRow = UsageSum & {
  hour: number
  key: string
  chain: string
  method: string
  status: string
  /** Undefined where the key is gone, and for what is no key of a project. */
  names: KeyNames | undefined
}

/** What a row comes after: rows have one order. */
export type UsagePlace = Pick<UsageRow, 'hour' | 'key' | 'chain' | 'method' | 'status'>

/** Rows as they were counted, in order. Each is as it is now: an hour grows until all of it is told. */
export async function listUsage(
  queries: Queries,
  filter: UsageFilter,
  { after, countMax }: { after: UsagePlace | undefined; countMax: number },
): Promise<UsageRow[]> {
  const { account, fromHour, toHour, chain = null, key = null, project = null } = filter
  const place = after ?? { hour: -1, key: '', chain: '', method: '', status: '' }
  const rows = await queries<(Omit<UsageRow, 'requests' | 'credits' | 'names'> & RowExtras)[]>`
    select hour, key, chain, method, usage.status, sum(requests) as requests, sum(credits) as credits,
      keys.name as key_name, projects.id as project_id, projects.name as project_name
    from usage left join keys on keys.id::text = key and keys.account = usage.account
      left join projects on projects.id = project_id
    where usage.account = ${account} and book_hour >= ${fromHour} and hour >= ${Math.max(fromHour, place.hour)} and hour < ${toHour}
      and (hour, key::text, chain, method, usage.status) >
        (${place.hour}::int, ${place.key}::text, ${place.chain}::text, ${place.method}::text, ${place.status}::text)
      and (${chain}::text is null or chain = ${chain}) and (${key}::text is null or key = ${key})
      and (${project}::text is null or project_id::text = ${project})
    group by hour, key, chain, method, usage.status, keys.name, projects.id, projects.name
    order by hour, key::text, chain, method, usage.status limit ${countMax}`
  return rows.map((row) => ({
    ...{ hour: row.hour, key: row.key, chain: row.chain, method: row.method, status: row.status },
    ...{ requests: BigInt(row.requests), credits: BigInt(row.credits), names: namesOf(row) },
  }))
}

export type KeyNames = { name: string; projectId: string; projectName: string }

/** What keys of an account are called, by their ids; those that are gone are left out. */
export async function nameKeys(
  queries: Queries,
  account: string,
  ids: readonly string[],
): Promise<Map<string, KeyNames>> {
  const rows = await queries<({ id: string } & NameColumns)[]>`
    select keys.id, keys.name as key_name, project_id, projects.name as project_name
    from keys join projects on projects.id = project_id
    where keys.account = ${account} and keys.id::text = any(${queries.array([...ids], 'text')})`
  return new Map(
    rows.flatMap((row) => {
      const names = namesOf(row)
      return names === undefined ? [] : [[row.id, names] as const]
    }),
  )
}

type NameColumns = {
  key_name: string | null
  project_id: string | null
  project_name: string | null
}
type RowExtras = NameColumns & { requests: string; credits: string }

function namesOf({ key_name, project_id, project_name }: NameColumns): KeyNames | undefined {
  if (key_name === null || project_id === null || project_name === null) return undefined
  return { name: key_name, projectId: project_id, projectName: project_name }
}
