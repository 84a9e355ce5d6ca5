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
  /** Keeps the first one of a token; later ones change nothing. */
  add(revocation: Revocation): void
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
    'insert or ignore into revocations (jti, reason, revoked_at, signature) values (?1, ?2, ?3, ?4)',
  )
  const last = database.query('select max(seq) as seq from revocations')
  const list = database.query('select * from revocations where seq > ?1 order by seq limit ?2')
  const newest = () => (last.get() as { seq: number | null }).seq ?? 0
  return {
    has: (jti) => find.get(jti) !== null,
    add: ({ jti, reason, revokedAt, signature }) =>
      void insert.run(jti, reason, revokedAt, signature),
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
