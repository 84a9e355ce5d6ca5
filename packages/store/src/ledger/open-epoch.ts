import type { Queries } from '../database.ts'

/**
 * The first epoch of the settlement chain whose books are open. It stays so until the transaction ends: who closes an epoch
 * waits for that.
 */
export async function lockOpenEpoch(queries: Queries): Promise<bigint> {
  await queries`lock table epoch_books in row exclusive mode`
  return await readOpenEpoch(queries)
}

export async function readOpenEpoch(queries: Queries): Promise<bigint> {
  const [row] = await queries<{ open_epoch: string }[]>`select open_epoch from epoch_books`
  if (row === undefined) throw new Error('the books have no epochs')
  return BigInt(row.open_epoch)
}

/** The later one. */
export function openOr(epoch: bigint, openEpoch: bigint): bigint {
  return epoch > openEpoch ? epoch : openEpoch
}
