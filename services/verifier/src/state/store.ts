import { join } from 'node:path'
import { openDatabase } from './database.ts'
import { createGrants, type Grants } from './grants.ts'
import { createPeerCursors, type PeerCursors } from './peer-cursors.ts'
import { createRevocations, type Revocations } from './revocations.ts'
import { createSettlementSignatures, type SettlementSignatures } from './settlement-signatures.ts'
import { createUsedNonces, type UsedNonces } from './used-nonces.ts'

/** All that a verifier keeps besides its keys. */
export type Store = {
  grants: Grants
  revocations: Revocations
  usedNonces: UsedNonces
  cursors: PeerCursors
  settlements: SettlementSignatures
  close(): void
}

export function openStore(folder: string): Store {
  const database = openDatabase(join(folder, 'verifier.sqlite'))
  return {
    grants: createGrants(database),
    revocations: createRevocations(database),
    usedNonces: createUsedNonces(database),
    cursors: createPeerCursors(database),
    settlements: createSettlementSignatures(database),
    close: () => database.close(),
  }
}
