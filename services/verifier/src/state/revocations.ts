import type { Database } from 'bun:sqlite'
import type { RevocationReason } from '@mooring/protocol/access/verifier-wire'
import type { Hex } from 'viem'

export type Revocation = {
  jti: string
  reason: RevocationReason
  revokedAt: number
  signature: Hex
}

export type Revocations = {
  has(jti: string): boolean
  /**
   * Keeps the first one of a token; later ones change nothing.
   *
   * @param voidUntil - When every token that it is about has ended, in seconds since 1970.
   */
  add(revocation: Revocation, voidUntil: number): void
  /** A token that it is about turned out to end later. */
  extend(jti: string, voidUntil: number): void
  /** Forgets those about tokens that had all ended by then. One whose grant is known is kept as long as that. */
  forgetExpired(beforeSeconds: number): void
  /** Newer than `seq`, oldest first, and where the next question begins. */
  after(seq: number, limit: number): { next: number; revocations: Revocation[] }
}

type Row = {
  seq: number
  jti: string
  reason: RevocationReason
  revoked_at: number
  signature: Hex
}

export function createRevocations(database: Database): Revocations {
  const find = database.query('select 1 from revocations where jti = ?1')
  const insert = database.query(
    `insert or ignore into revocations (jti, reason, revoked_at, signature, void_until)
     values (?1, ?2, ?3, ?4, ?5)`,
  )
  // Of all there ever were: the newest may be forgotten before older ones.
  const last = database.query(
    "select max(seq) as seq from sqlite_sequence where name = 'revocations'",
  )
  const later = database.query(
    'update revocations set void_until = ?2 where jti = ?1 and void_until < ?2',
  )
  const forget = database.query(
    'delete from revocations where void_until < ?1 and jti not in (select jti from grants)',
  )
  const list = database.query('select * from revocations where seq > ?1 order by seq limit ?2')
  const newest = () => (last.get() as { seq: number | null }).seq ?? 0
  return {
    has: (jti) => find.get(jti) !== null,
    add: ({ jti, reason, revokedAt, signature }, voidUntil) =>
      void insert.run(jti, reason, revokedAt, signature, voidUntil),
    extend: (jti, voidUntil) => void later.run(jti, voidUntil),
    forgetExpired: (beforeSeconds) => void forget.run(beforeSeconds),
    after(given, limit) {
      // A list that was brought back from a copy is younger than what was heard of it.
      const seq = given > newest() ? 0 : given
      const rows = list.all(seq, limit) as Row[]
      const revocations = rows.map(({ jti, reason, revoked_at: revokedAt, signature }) => ({
        ...{ jti, reason, revokedAt, signature },
      }))
      return { next: rows.at(-1)?.seq ?? seq, revocations }
    },
  }
}
