import type { TokenAmount } from '@mooring/protocol/units'
import { type CapTerms, charged, type Deposit } from '../economy/payments/escrow.ts'
import type { ChargeLeaf } from './plain-tree.ts'

/** A leaf, and the root it is of. */
export type LeafOfRoot = Pick<ChargeLeaf, 'life' | 'total'> & { rootId: bigint }

/** What a leaf would take if it were applied now; nothing where the escrow would leave it out. */
export function takenBy(deposit: Deposit, leaf: LeafOfRoot, cap: CapTerms): TokenAmount {
  return charged(deposit, { ...leaf, life: BigInt(leaf.life) }, cap)?.amount ?? 0n
}

/**
 * Whether a leaf takes all that is in it, so that those of older roots need not be applied before. Otherwise they are:
 * each root may take one cap, and no older one any more once a newer one has been applied.
 */
export function takesAll(deposit: Deposit, leaf: LeafOfRoot, cap: CapTerms): boolean {
  const taken = takenBy(deposit, leaf, cap)
  return taken > 0n && taken === leaf.total - deposit.spent
}
