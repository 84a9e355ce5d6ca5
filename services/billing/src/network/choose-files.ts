import type { EpochState } from '@mooring/protocol/reports/network'
import type { EpochFileFacts } from '@mooring/store/ledger/epoch-files'

/** What the chain has of an epoch; undefined where nothing is posted, or it was disabled. */
export type PostedRoots = { dataHash: string; activeAt: bigint } | undefined

export type ChosenFile = EpochFileFacts & { state: EpochState }

/**
 * The files that tell what happened, newest first: those whose roots the chain has, and before them the newest one that
 * nobody has posted yet. Others were replaced, and would tell the same work twice.
 *
 * @param files - Newest first.
 */
export function chooseFiles(
  files: readonly EpochFileFacts[],
  posted: ReadonlyMap<bigint, PostedRoots>,
  nowSeconds: bigint,
): ChosenFile[] {
  const onChain = files.flatMap((file): ChosenFile[] => {
    const roots = posted.get(file.epoch)
    if (roots?.dataHash !== file.dataHash) return []
    return [{ ...file, state: nowSeconds >= roots.activeAt ? 'active' : 'posted' }]
  })
  const last = onChain[0]?.epoch ?? null
  // It goes on from the epoch posted last, or it was made for another state of the chain.
  const made = files.find(({ epoch, previous }) => previous === last && (last ?? -1n) < epoch)
  return made === undefined ? onChain : [{ ...made, state: 'made' }, ...onChain]
}
