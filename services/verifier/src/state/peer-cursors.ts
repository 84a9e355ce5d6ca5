import type { Database } from 'bun:sqlite'
import type { Address } from 'viem'

/** How far this verifier has heard each of the others. */
export type PeerCursors = { get(peer: Address): number; set(peer: Address, seq: number): void }

export function createPeerCursors(database: Database): PeerCursors {
  const find = database.query('select seq from peer_cursors where peer = ?1')
  const upsert = database.query(
    `insert into peer_cursors (peer, seq) values (?1, ?2)
     on conflict (peer) do update set seq = excluded.seq`,
  )
  return {
    get: (peer) => (find.get(peer.toLowerCase()) as { seq: number } | null)?.seq ?? 0,
    set: (peer, seq) => void upsert.run(peer.toLowerCase(), seq),
  }
}
