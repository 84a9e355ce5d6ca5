import type { AssetName } from '@mooring/market/settlement/epoch-data'
import { readPart, type System } from '@mooring/onchain/contracts'

export const escrowOf = { ankr: 'ankrEscrow', usd: 'stableEscrow' } as const satisfies Record<
  AssetName,
  string
>

/** The charge root that an escrow takes next. */
export type NextRoot = {
  rootId: bigint
  /** In seconds. */
  periodEnd: bigint
  /** `dataHash` of the newest root that was not disabled; null when there is none. */
  previous: `0x${string}` | null
}

/**
 * Charge periods end at whole multiples of their length, as those that the books limit use by.
 *
 * @returns Undefined while the escrow takes none: the last one is not a period ago.
 */
export async function readNextRoot(
  system: System,
  { asset, periodSeconds }: { asset: AssetName; periodSeconds: bigint },
): Promise<NextRoot | undefined> {
  const { hash, timestamp } = await system.reader.getBlock()
  // All of one block, so that a root that is posted meanwhile is not seen in part.
  const at = { blockHash: hash }
  const count = await readPart(system, escrowOf[asset], 'chargeRootCount', [], at)
  const periodEnd = timestamp - (timestamp % periodSeconds)
  const rootId = count + 1n
  let previous: NextRoot['previous'] = null
  for (let id = count; id > 0n; ) {
    const root = await readPart(system, escrowOf[asset], 'chargeRootOf', [id], at)
    if (!root.disabled) {
      if (periodEnd < root.periodEnd + periodSeconds) return undefined
      previous = root.dataHash
      break
    }
    id = root.previous
  }
  return { rootId, periodEnd, previous }
}
