import type { Database } from '@mooring/store/database'
import type { Discrepancy } from '@mooring/store/ledger/check'
import { listUnbookedDeposits, readChainCursor } from '@mooring/store/ledger/escrow-events'

/** Deposits that are final on chain for long and of which the books know nothing, or not all. */
export async function checkDeposits({ sql }: Database, blocksMax: number): Promise<Discrepancy[]> {
  const cursor = await readChainCursor(sql)
  if (cursor === undefined) return []
  const late = cursor.number - BigInt(blocksMax)
  const unbooked = await listUnbookedDeposits(sql)
  return unbooked
    .filter(({ sinceBlock }) => sinceBlock < late)
    .map(({ account, asset, amount, sinceBlock }) => ({
      check: 'deposits-booked',
      account,
      detail: `${asset}: ${amount} of deposits since block ${sinceBlock} are not in the books`,
    }))
}
