import type { SignedRevocation } from '@mooring/protocol/access/verifier-wire'
import { timeOf } from './columns.ts'
import type { Queries } from './database.ts'

/** @returns From where on the list of a verifier was not read yet. */
export async function loadRevocationCursor(queries: Queries, verifier: string): Promise<number> {
  const [row] = await queries<{ next: string }[]>`
    select next from revocation_cursors where verifier = ${verifier.toLowerCase()}`
  return Number(row?.next ?? 0)
}

export async function saveRevocationCursor(
  queries: Queries,
  verifier: string,
  next: number,
): Promise<void> {
  await queries`
    insert into revocation_cursors (verifier, next) values (${verifier.toLowerCase()}, ${next})
    on conflict (verifier) do update set next = excluded.next`
}

/**
 * Keeps one verifier's word on a token that is stored here, and none on others: its list may be of any length. Whoever
 * keeps another's at the same time waits, or each would count without the others and none would find enough.
 */
export async function saveRevocation(
  queries: Queries,
  { jti, verifier, reason, revokedAt, signature }: SignedRevocation,
): Promise<boolean> {
  await queries`select from tokens where jti = ${jti} for no key update`
  const saved = await queries`
    insert into revocations (jti, verifier, reason, revoked_at, signature)
    select ${jti}::text, ${verifier.toLowerCase()}::text, ${reason}::text,
      ${timeOf(revokedAt * 1_000)}::timestamptz, ${signature}::text
    where exists (select from tokens where jti = ${jti})
    on conflict do nothing`
  return saved.count > 0
}

/** How many verifiers hold a token for void, and how many of them because its deposit is gone. */
export async function countRevocations(
  queries: Queries,
  jti: string,
): Promise<{ all: number; orphaned: number }> {
  const [row] = await queries<{ all: number; orphaned: number }[]>`
    select count(*)::int as "all", count(*) filter (where reason = 'orphaned')::int as orphaned
    from revocations where jti = ${jti}`
  return row ?? { all: 0, orphaned: 0 }
}
