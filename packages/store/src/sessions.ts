import { digestBytes, msOf, timeOf } from './columns.ts'
import type { Database, Queries } from './database.ts'

/** Somebody who signed in. What they bear is known here by its hash alone. */
export type Session = {
  id: string
  /** Who signed in, as CAIP-10. */
  wallet: string
  createdAtMs: number
  usedAtMs: number
  endsAtMs: number
}

export const sessionsOfWalletMax = 50

/** @param tokenHash - As base64url. The wallet's oldest session ends when it has too many. */
export async function saveSession(
  database: Database,
  {
    tokenHash,
    wallet,
    nowMs,
    endsAtMs,
  }: {
    tokenHash: string
    wallet: string
    nowMs: number
    endsAtMs: number
  },
): Promise<Session> {
  return await database.transact(async (queries) => {
    await queries`
      delete from sessions where wallet = ${wallet} and id in (
        select id from sessions where wallet = ${wallet}
        order by created_at desc, id offset ${sessionsOfWalletMax - 1}
      )`
    const now = timeOf(nowMs)
    const [row] = await queries<SessionRow[]>`
      insert into sessions (token_hash, wallet, created_at, used_at, ends_at)
      values (${digestBytes(tokenHash)}, ${wallet}, ${now}, ${now}, ${timeOf(endsAtMs)}) returning *`
    // `returning` gives the row that was inserted.
    return sessionOf(row!)
  })
}

export async function findSession(
  queries: Queries,
  tokenHash: string,
  { nowMs, idleMs }: { nowMs: number; idleMs: number },
): Promise<Session | undefined> {
  const [row] = await queries<SessionRow[]>`
    select * from sessions where token_hash = ${digestBytes(tokenHash)}
      and ends_at > ${timeOf(nowMs)} and used_at > ${timeOf(nowMs - idleMs)}`
  return row === undefined ? undefined : sessionOf(row)
}

export async function touchSession(queries: Queries, id: string, nowMs: number): Promise<void> {
  await queries`update sessions set used_at = greatest(used_at, ${timeOf(nowMs)}) where id = ${id}`
}

export async function listSessions(
  queries: Queries,
  wallet: string,
  { nowMs, idleMs }: { nowMs: number; idleMs: number },
): Promise<Session[]> {
  const rows = await queries<SessionRow[]>`
    select * from sessions where wallet = ${wallet}
      and ends_at > ${timeOf(nowMs)} and used_at > ${timeOf(nowMs - idleMs)}
    order by created_at desc, id`
  return rows.map(sessionOf)
}

/** @returns Whether the wallet had such a session. */
export async function endSession(queries: Queries, wallet: string, id: string): Promise<boolean> {
  const ended = await queries`delete from sessions where id = ${id} and wallet = ${wallet}`
  return ended.count > 0
}

export async function endAllSessions(queries: Queries, wallet: string): Promise<void> {
  await queries`delete from sessions where wallet = ${wallet}`
}

export async function dropEndedSessions(
  queries: Queries,
  { nowMs, idleMs }: { nowMs: number; idleMs: number },
): Promise<void> {
  await queries`
    delete from sessions where ends_at <= ${timeOf(nowMs)} or used_at <= ${timeOf(nowMs - idleMs)}`
}

type SessionRow = { id: string; wallet: string; created_at: Date; used_at: Date; ends_at: Date }

function sessionOf({ id, wallet, created_at, used_at, ends_at }: SessionRow): Session {
  return {
    id,
    wallet,
    createdAtMs: msOf(created_at),
    usedAtMs: msOf(used_at),
    endsAtMs: msOf(ends_at),
  }
}
