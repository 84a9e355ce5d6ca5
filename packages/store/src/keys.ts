import type { KeyRecord, KeyRestrictions } from '@mooring/protocol/access/key-record'
import { bigintOf, digestBytes, digestText, msOf, timeOf } from './columns.ts'
import type { Database, Queries } from './database.ts'

export type KeyStatus = KeyRecord['status']

/** A key of a project. What it is, only its owner knows. */
export type Key = {
  id: string
  projectId: string
  name: string
  status: KeyStatus
  expiresAtMs: number | null
  restrictions: KeyRestrictions
  creditsPerDayMax: bigint | null
  createdAtMs: number
  /** As base64url. The first lasts; others are good until they end. */
  hashes: { hash: string; endsAtMs: number | null }[]
}

export type KeySettings = Pick<Key, 'name' | 'expiresAtMs' | 'restrictions' | 'creditsPerDayMax'>

export const keysOfProjectMax = 100
/** The key as it is, and what it was before: gateways are told of each, and each is listed. */
export const hashesOfKeyMax = 10

/** @returns Undefined when the account has no such project, or the project as many keys as it may have. */
export async function createKey(
  database: Database,
  owner: { account: string; projectId: string },
  { hash, settings, nowMs }: { hash: string; settings: KeySettings; nowMs: number },
): Promise<Key | undefined> {
  const { account, projectId } = owner
  const { name, expiresAtMs, restrictions, creditsPerDayMax } = settings
  const now = timeOf(nowMs)
  return await database.transact(async (queries) => {
    const [made] = await queries<{ id: string }[]>`
      insert into keys (account, project_id, name, expires_at, restrictions, credits_per_day_max, created_at)
      select account, id, ${name}::text, ${timeOf(expiresAtMs)}::timestamptz, ${restrictions}::jsonb,
        ${creditsPerDayMax}::numeric, ${now}::timestamptz
      from projects where account = ${account} and id = ${projectId}
        and (select count(*) from keys where project_id = ${projectId}) < ${keysOfProjectMax}
      returning id`
    if (made === undefined) return undefined
    await queries`
      insert into key_hashes (hash, key_id, created_at) values (${digestBytes(hash)}, ${made.id}, ${now})`
    return await loadKey(queries, account, made.id)
  })
}

export async function loadKey(
  queries: Queries,
  account: string,
  id: string,
): Promise<Key | undefined> {
  const [row] = await queries<
    KeyRow[]
  >`select * from keys where account = ${account} and id = ${id}`
  if (row === undefined) return undefined
  const hashes = await queries<HashRow[]>`
    select key_id, hash, ends_at from key_hashes where key_id = ${id} order by ends_at is null desc, created_at desc`
  return keyOf(row, hashes)
}

export async function listKeys(
  queries: Queries,
  { account, projectId }: { account: string; projectId: string },
): Promise<Key[]> {
  const rows = await queries<KeyRow[]>`
    select * from keys where account = ${account} and project_id = ${projectId} order by created_at, id`
  const hashes = await queries<HashRow[]>`
    select key_id, hash, ends_at from key_hashes
    where key_id in (select id from keys where account = ${account} and project_id = ${projectId})
    order by ends_at is null desc, created_at desc`
  return rows.map((row) =>
    keyOf(
      row,
      hashes.filter(({ key_id }) => key_id === row.id),
    ),
  )
}

/** A revoked key stays as it is. @returns Undefined when the account has no such key that could be changed. */
export async function changeKey(
  queries: Queries,
  { account, id }: { account: string; id: string },
  changes: Partial<KeySettings>,
): Promise<Key | undefined> {
  const has = (name: keyof KeySettings) => changes[name] !== undefined
  const changed = await queries`
    update keys set
      name = case when ${has('name')} then ${changes.name ?? null}::text else name end,
      expires_at = case when ${has('expiresAtMs')} then ${timeOf(changes.expiresAtMs ?? null)}::timestamptz else expires_at end,
      restrictions = case when ${has('restrictions')} then ${changes.restrictions ?? null}::jsonb else restrictions end,
      credits_per_day_max = case when ${has('creditsPerDayMax')} then ${changes.creditsPerDayMax ?? null}::numeric
        else credits_per_day_max end
    where account = ${account} and id = ${id} and status <> 'revoked'`
  return changed.count === 0 ? undefined : await loadKey(queries, account, id)
}

/** Sets the status of a key that is not revoked, for good when it is revoked. One that has it already is no change. */
export async function setKeyStatus(
  queries: Queries,
  { account, id }: { account: string; id: string },
  status: KeyStatus,
): Promise<Key | undefined> {
  await queries`
    update keys set status = ${status}
    where account = ${account} and id = ${id} and status not in ('revoked', ${status})`
  const key = await loadKey(queries, account, id)
  const isRefused = key?.status === 'revoked' && status !== 'revoked'
  return isRefused ? undefined : key
}

/**
 * The key is another one from now on; what it was is good until the overlap ends. Of too many such the oldest ends at
 * once: who has to be rid of a key must never be told to wait.
 */
export async function rotateKey(
  database: Database,
  { account, id }: { account: string; id: string },
  { hash, nowMs, overlapMs }: { hash: string; nowMs: number; overlapMs: number },
): Promise<Key | undefined> {
  return await database.transact(async (queries) => {
    const [row] = await queries`
      select id from keys where account = ${account} and id = ${id} and status <> 'revoked' for update`
    if (row === undefined) return undefined
    await queries`
      update key_hashes set ends_at = ${timeOf(nowMs + overlapMs)} where key_id = ${id} and ends_at is null`
    await queries`
      insert into key_hashes (hash, key_id, created_at)
      values (${digestBytes(hash)}, ${id}, ${timeOf(nowMs)})`
    await queries`
      delete from key_hashes where hash in (
        select hash from key_hashes where key_id = ${id}
        order by ends_at is null desc, created_at desc, ends_at desc offset ${hashesOfKeyMax}
      )`
    return await loadKey(queries, account, id)
  })
}

/** For gateways, which know a key by its hash and not by its owner. */
export async function findKeyRecord(
  queries: Queries,
  hash: string,
): Promise<KeyRecord | undefined> {
  const [row] = await queries<(KeyRow & { ends_at: Date | null })[]>`
    select keys.*, key_hashes.ends_at from key_hashes join keys on keys.id = key_id
    where hash = ${digestBytes(hash)}`
  if (row === undefined) return undefined
  const ends = [msOf(row.expires_at), msOf(row.ends_at)].filter((ms) => ms !== null)
  return {
    id: row.id,
    keyHash: hash,
    account: row.account,
    name: row.name,
    status: row.status,
    expiresAt: ends.length === 0 ? null : Math.floor(Math.min(...ends) / 1_000),
    restrictions: row.restrictions,
    creditsPerDayMax: row.credits_per_day_max,
  }
}

type KeyRow = {
  id: string
  account: string
  project_id: string
  name: string
  status: KeyStatus
  expires_at: Date | null
  restrictions: KeyRestrictions
  credits_per_day_max: string | null
  created_at: Date
}
type HashRow = { key_id: string; hash: Uint8Array; ends_at: Date | null }

function keyOf(row: KeyRow, hashes: readonly HashRow[]): Key {
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    status: row.status,
    expiresAtMs: msOf(row.expires_at),
    restrictions: row.restrictions,
    creditsPerDayMax: bigintOf(row.credits_per_day_max),
    createdAtMs: msOf(row.created_at),
    hashes: hashes.map(({ hash, ends_at }) => ({
      hash: digestText(hash),
      endsAtMs: msOf(ends_at),
    })),
  }
}

/** Forgets hashes whose overlap is over: nothing is served for them any more. */
export async function dropEndedHashes(queries: Queries, nowMs: number): Promise<void> {
  await queries`delete from key_hashes where ends_at < ${timeOf(nowMs)}`
}
