import type { Credits } from '@mooring/market/metering/holding'
import { msOf, timeOf } from './columns.ts'
import { keepConfirmation } from './confirmations.ts'
import type { Database, Queries } from './database.ts'
import type { Asset } from './deposits.ts'
import { addLetter } from './outbox.ts'

export type AlertChannel = 'webhook' | 'email'

/** Somebody wants to know when little is left. */
export type Alert = BalanceAlert | KeyAlert

/** Told when the credit of an account falls below a threshold. */
export type BalanceAlert = AlertPlace & {
  kind: 'low-balance'
  asset: Asset
  /** Base units. */
  threshold: bigint
}

/** Told when a key has used so much of its limit for the day (UTC). */
export type KeyAlert = AlertPlace & { kind: 'key-limit'; keyId: string; percent: number }

type AlertPlace = {
  id: string
  account: string
  channel: AlertChannel
  /** A URL, or an e-mail address. */
  target: string
  /** Whether it was told, and what it tells of is so still. */
  isLow: boolean
  /** Whether anything is told: of an e-mail address only once whoever reads it has confirmed that. */
  isConfirmed: boolean
  createdAtMs: number
}

/** What an alert found. */
export type AlertFacts =
  | { kind: 'low-balance'; alert: BalanceAlert; credit: bigint }
  | { kind: 'key-limit'; alert: KeyAlert; name: string; used: Credits; limit: Credits; day: number }

export const alertsOfAccountMax = 20
const dayMs = 86_400_000

/** Belongs into a transaction. @returns Undefined when the account has as many as it may have. */
export async function createAlert(
  queries: Queries,
  account: string,
  {
    asset,
    threshold,
    channel,
    target,
    nowMs,
  }: Pick<BalanceAlert, 'asset' | 'threshold' | 'channel' | 'target'> & { nowMs: number },
): Promise<Alert | undefined> {
  if (channel === 'email') await keepConfirmation(queries, { account, address: target })
  const [row] = await queries<AlertRow[]>`
    insert into alerts (account, asset, threshold, channel, target, created_at)
    select ${account}::text, ${asset}::text, ${threshold}::numeric, ${channel}::text, ${target}::text,
      ${timeOf(nowMs)}::timestamptz
    where (select count(*) from alerts where account = ${account}) < ${alertsOfAccountMax}
    returning *, is_confirmed(alerts)`
  return row === undefined ? undefined : alertOf(row)
}

/**
 * The same about a key.
 *
 * @returns Undefined when the account has as many as it may have, or no such key with a limit.
 */
export async function createKeyAlert(
  queries: Queries,
  account: string,
  {
    keyId,
    percent,
    channel,
    target,
    nowMs,
  }: Pick<KeyAlert, 'keyId' | 'percent' | 'channel' | 'target'> & { nowMs: number },
): Promise<Alert | undefined> {
  if (channel === 'email') await keepConfirmation(queries, { account, address: target })
  const [row] = await queries<AlertRow[]>`
    insert into alerts (account, key_id, percent, channel, target, created_at)
    select account, id, ${percent}::int, ${channel}::text, ${target}::text, ${timeOf(nowMs)}::timestamptz
    from keys where account = ${account} and id = ${keyId} and credits_per_day_max is not null
      and (select count(*) from alerts where account = ${account}) < ${alertsOfAccountMax}
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
  textOf: (facts: AlertFacts) => string
  nowMs: number
}

/**
 * Looks at the alerts of an account again, and puts what has to be told into the outbox. Belongs into the transaction
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
  const day = Math.floor(nowMs / dayMs)
  const turned = await queries<(AlertRow & FactRow)[]>`
    update alerts set is_low = not is_low
    from (
      select id as alert_id from alerts
      where (${account}::text is null or account = ${account}) and is_low <> is_due(alerts, ${day}::int)
        and is_confirmed(alerts)
      order by id limit ${countMax}
    ) as turning
    where id = alert_id and is_low <> is_due(alerts, ${day}::int)
    returning alerts.*, is_confirmed(alerts), credit_of(account, asset) as credit,
      (select name from keys where keys.id = key_id) as key_name,
      (select credits_per_day_max from keys where keys.id = key_id) as key_limit,
      (select used from key_days where key = key_id::text and day = ${day}::int) as key_used`
  for (const row of turned) {
    if (!row.is_low) continue
    const body = textOf(factsOf(row, day))
    await addLetter(queries, { alertId: row.id, body, nowMs })
  }
  return turned.length
}

type AlertRow = {
  id: string
  account: string
  asset: Asset | null
  threshold: string | null
  key_id: string | null
  percent: number | null
  channel: AlertChannel
  target: string
  is_low: boolean
  is_confirmed: boolean
  created_at: Date
}
type FactRow = {
  credit: string
  key_name: string | null
  key_limit: string | null
  key_used: string | null
}

function alertOf(row: AlertRow): Alert {
  const { id, account, asset, threshold, key_id: keyId, percent, channel, target } = row
  const place = {
    ...{ id, account, channel, target, isLow: row.is_low, isConfirmed: row.is_confirmed },
    createdAtMs: msOf(row.created_at),
  }
  if (asset !== null && threshold !== null) {
    return { ...place, kind: 'low-balance', asset, threshold: BigInt(threshold) }
  }
  if (keyId !== null && percent !== null) return { ...place, kind: 'key-limit', keyId, percent }
  throw new Error('an alert is about nothing')
}

function factsOf(row: AlertRow & FactRow, day: number): AlertFacts {
  const alert = alertOf(row)
  if (alert.kind === 'low-balance') {
    return { kind: alert.kind, alert, credit: BigInt(row.credit) }
  }
  const amounts = { used: BigInt(row.key_used ?? 0), limit: BigInt(row.key_limit ?? 0) }
  return { kind: alert.kind, alert, name: row.key_name ?? '', ...amounts, day }
}
