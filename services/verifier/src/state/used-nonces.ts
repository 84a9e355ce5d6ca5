import type { Database } from 'bun:sqlite'

/** A nonce pair was about to be used a second time, which would give the key away. */
export class NonceUsed extends Error {
  override name = 'NonceUsed'
}

/**
 * Nonce pairs that were used. Each is promised in an era, counted on disk, and no pair of an era that is over can be
 * used, whatever a clock or a memory that was brought back says: only for those of the last two eras has each pair to
 * be remembered.
 */
export type UsedNonces = {
  /** The era of now, which whoever promises a nonce pair keeps with it. */
  era(): number
  /**
   * Writes down that a nonce pair is used. It is on disk when this returns; throws `NonceUsed` when it was there, and
   * for every pair of an era that is over.
   *
   * @param commitment - Both public points of the pair, as text.
   */
  mark(commitment: string, use: { jti: string; era: number; nowSeconds: number }): void
  /** Begins another era. The one before lasts on beside it, and those before that are over and forgotten. */
  turn(): void
}

export function createUsedNonces(database: Database): UsedNonces {
  const eraNow = database.query('select era from nonce_era')
  // One statement, so that no era ends between the look and the mark.
  const insert = database.query(
    `insert or ignore into used_nonces (commitment, jti, used_at, era)
     select ?1, ?2, ?3, ?4 where ?4 >= (select oldest from nonce_era)`,
  )
  const begin = database.query('update nonce_era set oldest = era, era = era + 1')
  const forget = database.query(
    'delete from used_nonces where era < (select oldest from nonce_era)',
  )
  const turn = database.transaction(() => {
    begin.run()
    forget.run()
  })
  return {
    era: () => (eraNow.get() as { era: number }).era,
    mark(commitment, { jti, era, nowSeconds }) {
      const { changes } = insert.run(commitment, jti, nowSeconds, era)
      if (changes !== 1) throw new NonceUsed('a nonce pair is used once')
    },
    turn: () => turn(),
  }
}
