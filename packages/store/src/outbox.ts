import type { AlertChannel } from './alerts.ts'
import { msOf, timeOf } from './columns.ts'
import type { Queries } from './database.ts'

/** Something that has to be told outside, once or more often: who hears it goes by the id. */
export type Letter = {
  id: string
  alertId: string
  channel: AlertChannel
  target: string
  body: string
  attempts: number
  /** Of a letter that asks for a confirmation. */
  confirmationId: string | null
}

/** Due at once. Belongs into the transaction that it tells of. */
export async function addLetter(
  queries: Queries,
  letter: { alertId: string; body: string; confirmationId?: string; nowMs: number },
): Promise<void> {
  const { alertId, body, confirmationId = null } = letter
  const now = timeOf(letter.nowMs)
  await queries`
    insert into outbox (alert_id, body, confirmation_id, created_at, next_attempt_at)
    values (${alertId}, ${body}, ${confirmationId}, ${now}, ${now})`
}

/**
 * Takes letters that are due, so that no other process takes them until the lease ends. Whoever takes one that asks for a
 * confirmation may send it whatever happens then, so it counts as sent until it is given up.
 */
export async function takeDueLetters(
  queries: Queries,
  { nowMs, leaseMs, countMax }: { nowMs: number; leaseMs: number; countMax: number },
): Promise<Letter[]> {
  const rows = await queries<LetterRow[]>`
    with taken as (
      update outbox set next_attempt_at = ${timeOf(nowMs + leaseMs)}, attempts = attempts + 1
      from alerts
      where alerts.id = alert_id and outbox.id in (
        select id from outbox where next_attempt_at <= ${timeOf(nowMs)}
        order by next_attempt_at limit ${countMax} for update skip locked
      ) returning outbox.id, alert_id, channel, target, body, attempts, confirmation_id
    ), sent as (
      update email_addresses set sent_at = ${timeOf(nowMs)} from taken
      where email_addresses.confirmation_id = taken.confirmation_id
    )
    select * from taken`
  return rows.map(({ alert_id: alertId, confirmation_id: confirmationId, ...row }) => ({
    ...row,
    ...{ alertId, confirmationId },
  }))
}

export async function markDelivered(queries: Queries, id: string, nowMs: number): Promise<void> {
  await queries`
    update outbox set delivered_at = ${timeOf(nowMs)}, next_attempt_at = null, last_problem = null
    where id = ${id}`
}

/** @param nextAttemptAtMs - Null gives it up. */
export async function markFailed(
  queries: Queries,
  id: string,
  { problem, nextAttemptAtMs }: { problem: string; nextAttemptAtMs: number | null },
): Promise<void> {
  await queries`
    with failed as (
      update outbox set next_attempt_at = ${timeOf(nextAttemptAtMs)}, last_problem = ${problem}
      where id = ${id} returning confirmation_id, next_attempt_at
    )
    update email_addresses set sent_at = null from failed
    where email_addresses.confirmation_id = failed.confirmation_id and failed.next_attempt_at is null`
}

/** What was told for an alert of an account, newest first. */
export type Delivery = {
  id: string
  createdAtMs: number
  attempts: number
  deliveredAtMs: number | null
  isGivenUp: boolean
  problem: string | null
}

export async function listDeliveries(
  queries: Queries,
  { account, alertId, countMax }: { account: string; alertId: string; countMax: number },
): Promise<Delivery[]> {
  const rows = await queries<DeliveryRow[]>`
    select outbox.* from outbox join alerts on alerts.id = alert_id
    where account = ${account} and alert_id = ${alertId}
    order by outbox.created_at desc, outbox.id limit ${countMax}`
  return rows.map((row) => ({
    id: row.id,
    createdAtMs: msOf(row.created_at),
    attempts: row.attempts,
    deliveredAtMs: msOf(row.delivered_at),
    isGivenUp: row.delivered_at === null && row.next_attempt_at === null,
    problem: row.last_problem,
  }))
}

/** Forgets what was told long ago. */
export async function dropLettersBefore(queries: Queries, ms: number): Promise<void> {
  await queries`delete from outbox where created_at < ${timeOf(ms)} and next_attempt_at is null`
}

type LetterRow = {
  id: string
  alert_id: string
  channel: AlertChannel
  target: string
  body: string
  attempts: number
  confirmation_id: string | null
}
type DeliveryRow = {
  id: string
  created_at: Date
  attempts: number
  next_attempt_at: Date | null
  delivered_at: Date | null
  last_problem: string | null
}
