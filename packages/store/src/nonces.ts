import { digestBytes, timeOf } from './columns.ts'
import type { Queries } from './database.ts'

/** @param hash - Of the nonce, as base64url. */
export async function saveNonce(queries: Queries, hash: string, endsAtMs: number): Promise<void> {
  await queries`insert into nonces (hash, ends_at) values (${digestBytes(hash)}, ${timeOf(endsAtMs)})`
}

/** Takes a nonce away. @returns Whether it was there and had not ended: for each nonce once. */
export async function takeNonce(queries: Queries, hash: string, nowMs: number): Promise<boolean> {
  const taken = await queries<{ ends_at: Date }[]>`
    delete from nonces where hash = ${digestBytes(hash)} returning ends_at`
  return taken[0] !== undefined && taken[0].ends_at.getTime() > nowMs
}

export async function dropEndedNonces(queries: Queries, nowMs: number): Promise<void> {
  await queries`delete from nonces where ends_at <= ${timeOf(nowMs)}`
}
