import { earlierRootsMax } from '@mooring/market/settlement/charge-totals'
import type { AssetName } from '@mooring/market/settlement/epoch-data'
import { readPostedRoots } from '@mooring/onchain/charge-roots'
import type { System } from '@mooring/onchain/contracts'

/** The charge root that an escrow takes next. */
export type NextRoot = {
  rootId: bigint
  /** In seconds. */
  periodEnd: bigint
  /** `dataHash` of the newest root that was not disabled; null when there is none. */
  previous: `0x${string}` | null
  /** `dataHash` of each that totals are compared with. */
  earlier: readonly `0x${string}`[]
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
  const at = { blockHash: hash }
  const { count, standing } = await readPostedRoots(system, {
    asset,
    at,
    rootsMax: earlierRootsMax,
  })
  const periodEnd = timestamp - (timestamp % periodSeconds)
  const [last] = standing
  if (last !== undefined && periodEnd < last.periodEnd + periodSeconds) return undefined
  const earlier = standing.map(({ dataHash }) => dataHash)
  return { rootId: count + 1n, periodEnd, previous: last?.dataHash ?? null, earlier }
}
