import { bigintOf, msOf, timeOf } from './columns.ts'
import type { Database, Queries } from './database.ts'
import type { Asset } from './deposits.ts'
import { addLetter } from './outbox.ts'

export type AlertChannel = 'webhook' | 'email'

/** Somebody wants to know when the credit of an account falls below a threshold. */
export type Alert = {
  id: string
  account: string
  asset: Asset
  /** Base units. */
  threshold: bigint
  channel: AlertChannel
  /** A URL, or an e-mail address. */
  target: string
  /** Whether it was told, and the credit has not been above the threshold since. */
  isLow: boolean
  /** Whether anything is told: of an e-mail address only once whoever reads it has confirmed that. */
  isConfirmed: boolean
  createdAtMs: number
}

export const alertsOfAccountMax = 20

/** @returns Undefined when the account has as many as it may have. */
export async function createAlert(
  queries: Queries,
  account: string,
  {
    asset,
    threshold,
    channel,
    target,
    nowMs,
  }: Pick<Alert, 'asset' | 'threshold' | 'channel' | 'target'> & { nowMs: number },
): Promise<Alert | undefined> {
  const [row] = await queries<AlertRow[]>`
    insert into alerts (account, asset, threshold, channel, target, created_at)
    select ${account}::text, ${asset}::text, ${threshold}::numeric, ${channel}::text, ${target}::text,
      ${timeOf(nowMs)}::timestamptz
    where (select count(*) from alerts where account = ${account}) < ${alertsOfAccountMax}
    returning *, is_confirmed(alerts)`
  return row === undefined ? undefined : alertOf(row)
}

export async function listAlerts(queries: Queries, account: string): Promise<Alert[]> {
  const rows = await queries<AlertRow[]>`
    select *, is_confirmed(alerts) from alerts where account = ${account} order by created_at, id`
  return rows.map(alertOf)
}

/** @returns Undefined when the account has no such alert. */
export async function loadAlert(
  queries: Queries,
  account: string,
  id: string,
): Promise<Alert | undefined> {
  const [row] = await queries<AlertRow[]>`
    select *, is_confirmed(alerts) from alerts where account = ${account} and id = ${id}`
  return row === undefined ? undefined : alertOf(row)
}

export async function deleteAlert(queries: Queries, account: string, id: string): Promise<boolean> {
  const deleted = await queries`delete from alerts where account = ${account} and id = ${id}`
  return deleted.count > 0
}

export type Telling = {
  /** What is told. */
  textOf: (alert: Alert, credit: bigint) => string
  nowMs: number
}

/**
 * Looks at the credit of an account again, and puts what has to be told into the outbox. Belongs into the transaction
 * that changes the credit, so that neither happens without the other.
 */
export async function reviewAlerts(
  queries: Queries,
  account: string,
  telling: Telling,
): Promise<void> {
  await review(queries, { account, countMax: alertsOfAccountMax }, telling)
}

/**
 * The same for accounts whose credit somebody else has changed: it is the books that change with each request.
 *
 * @returns How many alerts have turned; as many as `countMax` where there may be more.
 */
export async function reviewTurnedAlerts(
  database: Database,
  countMax: number,
  telling: Telling,
): Promise<number> {
  return await database.transact((queries) => review(queries, { account: null, countMax }, telling))
}

/** Calls `wake` whenever the books may have turned an alert, and when such words may have been lost. */
export async function listenForTurnedAlerts(
  database: Database,
  wake: () => void,
): Promise<{ stop(): Promise<void> }> {
  const subscription = await database.sql.listen('mooring_alerts', wake, wake)
  return { stop: () => subscription.unlisten() }
}

/** What two look at together is told once: the second finds it turned already. */
async function review(
  queries: Queries,
  { account, countMax }: { account: string | null; countMax: number },
  { textOf, nowMs }: Telling,
): Promise<number> {
  const turned = await queries<(AlertRow & { credit: string })[]>`
    update alerts set is_low = credit < threshold
    from (
      select id as alert_id, credit
      from alerts cross join lateral (select credit_of(account, asset) as credit) as now
      where (${account}::text is null or account = ${account}) and is_low <> (credit < threshold)
        and is_confirmed(alerts)
      order by id limit ${countMax}
    ) as turning
    where id = alert_id and is_low <> (credit < threshold)
    returning alerts.*, is_confirmed(alerts), credit`
  for (const row of turned) {
    if (!row.is_low) continue
    const body = textOf(alertOf(row), BigInt(row.credit))
    await addLetter(queries, { alertId: row.id, body, nowMs })
  }
  return turned.length
}

type AlertRow = {
  id: string
  account: string
  asset: Asset
  threshold: string
  channel: AlertChannel
  target: string
  is_low: boolean
  is_confirmed: boolean
  created_at: Date
}

function alertOf(row: AlertRow): Alert {
  const { id, account, asset, channel, target } = row
  return {
    ...{ id, account, asset, channel, target },
    threshold: bigintOf(row.threshold),
    isLow: row.is_low,
    isConfirmed: row.is_confirmed,
    createdAtMs: msOf(row.created_at),
  }
}
