import { digestBytes, hashBytes, timeOf } from './columns.ts'
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

export async function dropTokensOf(queries: Queries, jti: string): Promise<void> {
  await queries`delete from tokens where jti = ${jti}`
}

export async function dropEndedTokens(queries: Queries, nowMs: number): Promise<void> {
  await queries`delete from tokens where expires_at <= ${timeOf(nowMs)}`
}

export async function isTokenStored(queries: Queries, jti: string): Promise<boolean> {
  const [row] = await queries<{ found: boolean }[]>`
    select exists (select from tokens where jti = ${jti}) as found`
  return row?.found === true
}
