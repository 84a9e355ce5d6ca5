import { digestBytes, digestText, hashBytes, msOf, timeOf } from './columns.ts'
import type { Database, Queries } from './database.ts'
import type { Place } from './deposits.ts'

/** A token that is bound to a key, and worth nothing without it. */
export type StoredToken = {
  /** Digest of what it is bound to, as base64url. */
  binding: string
  jti: string
  token: string
  deposit: Place
  expiresAtMs: number
}

/** With the longest tokens, an answer that gateways still read. */
export const tokensOfAccountMax = 8

/** The newest one of a binding replaces the others; the oldest goes when there are too many. */
export async function storeToken(
  database: Database,
  account: string,
  { stored, nowMs }: { stored: StoredToken; nowMs: number },
): Promise<void> {
  const { jti, token, deposit } = stored
  const binding = digestBytes(stored.binding)
  const hash = hashBytes(deposit.transactionHash)
  await database.transact(async (queries) => {
    await queries`
      delete from tokens where account = ${account} and (binding = ${binding} or jti = ${jti})`
    await queries`
      insert into tokens (account, binding, jti, token, chain_id, transaction_hash, log_index, stored_at, expires_at)
      values (${account}, ${binding}, ${jti}, ${token}, ${deposit.chainId}, ${hash}, ${deposit.logIndex},
        ${timeOf(nowMs)}, ${timeOf(stored.expiresAtMs)})`
    await queries`
      delete from tokens where account = ${account} and binding in (
        select binding from tokens where account = ${account}
        order by stored_at desc, jti offset ${tokensOfAccountMax}
      )`
  })
}

/** Newest first. */
export async function listTokens(
  queries: Queries,
  account: string,
  nowMs: number,
): Promise<string[]> {
  const rows = await queries<{ token: string }[]>`
    select token from tokens where account = ${account} and expires_at > ${timeOf(nowMs)}
    order by stored_at desc, jti`
  return rows.map(({ token }) => token)
}

export type EndingToken = { account: string; binding: string; expiresAtMs: number }

/** So long a token is kept after its end: one that is made in its place late can still take it. */
const endedKeptMs = 86_400_000

/**
 * Tokens in the last third of their time here, and those that have ended not long ago. At random: those that nobody
 * renews must keep no other from its turn.
 */
export async function listEndingTokens(
  queries: Queries,
  { nowMs, countMax }: { nowMs: number; countMax: number },
): Promise<EndingToken[]> {
  const now = timeOf(nowMs)
  const rows = await queries<{ account: string; binding: Uint8Array; expires_at: Date }[]>`
    select account, binding, expires_at from tokens
    where expires_at > ${timeOf(nowMs - endedKeptMs)}
      and (expires_at - ${now}::timestamptz) * 3 < expires_at - stored_at
    order by random() limit ${countMax}`
  return rows.map(({ account, binding, expires_at }) => ({
    ...{ account, binding: digestText(binding) },
    expiresAtMs: msOf(expires_at),
  }))
}

/** Puts a token in the place of one of the same binding that ends earlier. One that was dropped does not come back. */
export async function renewStoredToken(
  queries: Queries,
  account: string,
  { stored, nowMs }: { stored: StoredToken; nowMs: number },
): Promise<void> {
  const { jti, token, deposit } = stored
  const expiresAt = timeOf(stored.expiresAtMs)
  await queries`
    update tokens set jti = ${jti}, token = ${token}, chain_id = ${deposit.chainId},
      transaction_hash = ${hashBytes(deposit.transactionHash)}, log_index = ${deposit.logIndex},
      stored_at = ${timeOf(nowMs)}, expires_at = ${expiresAt}
    where account = ${account} and binding = ${digestBytes(stored.binding)} and expires_at < ${expiresAt}`
}

export async function dropTokensOf(queries: Queries, jti: string): Promise<void> {
  await queries`delete from tokens where jti = ${jti}`
}

/** Tokens whose signature counts no more end now. They are told by how they begin: all of one key begin the same. */
export async function endTokensThatBegin(
  queries: Queries,
  beginning: string,
  nowMs: number,
): Promise<void> {
  await queries`
    update tokens set expires_at = ${timeOf(nowMs)}
    where starts_with(token, ${beginning}) and expires_at > ${timeOf(nowMs)}`
}

export async function dropEndedTokens(queries: Queries, nowMs: number): Promise<void> {
  await queries`delete from tokens where expires_at <= ${timeOf(nowMs - endedKeptMs)}`
}

export async function isTokenStored(queries: Queries, jti: string): Promise<boolean> {
  const [row] = await queries<{ found: boolean }[]>`
    select exists (select from tokens where jti = ${jti}) as found`
  return row?.found === true
}
