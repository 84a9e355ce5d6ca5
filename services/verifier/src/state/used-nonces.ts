import type { Database } from 'bun:sqlite'

/** A nonce pair was about to be used a second time, which would give the key away. */
export class NonceUsed extends Error {
  override name = 'NonceUsed'
}

export type UsedNonces = {
  /**
   * Writes down that a nonce pair is used. It is on disk when this returns; throws `NonceUsed` when it was there.
   *
   * @param commitment - Both public points of the pair, as text.
   */
  mark(commitment: string, jti: string, nowSeconds: number): void
}

export function createUsedNonces(database: Database): UsedNonces {
  const insert = database.query(
    'insert or ignore into used_nonces (commitment, jti, used_at) values (?1, ?2, ?3)',
  )
  return {
    mark(commitment, jti, nowSeconds) {
      const { changes } = insert.run(commitment, jti, nowSeconds)
      if (changes !== 1) throw new NonceUsed('a nonce pair is used once')
    },
  }
}
