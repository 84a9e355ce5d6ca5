import type { AssetName } from '@mooring/market/settlement/epoch-data'
import { readPart, type System } from '@mooring/onchain/contracts'
import type { Hash, Hex } from 'viem'

export const escrowOf = { ankr: 'ankrEscrow', usd: 'stableEscrow' } as const satisfies Record<
  AssetName,
  string
>

/** A root that an escrow has, and that is not disabled. Times are in seconds. */
export type PostedRoot = {
  rootId: bigint
  root: Hex
  dataHash: Hex
  periodEnd: bigint
  applicableAt: bigint
}

/** Roots that are not disabled, the newest first, all of one block. */
export async function* readRootsBack(
  system: System,
  { asset, count, blockHash }: { asset: AssetName; count: bigint; blockHash: Hash },
): AsyncGenerator<PostedRoot> {
  for (let rootId = count; rootId > 0n; ) {
    const found = await readPart(system, escrowOf[asset], 'chargeRootOf', [rootId], { blockHash })
    const { previous, disabled, ...root } = found
    if (!disabled) yield { rootId, ...root }
    rootId = previous
  }
}
