import { type Economy, epochNow, requireRole, type Verb, valuesNow } from '../economy.ts'
import type { Account } from '../ledger.ts'
import { known, refuseIf } from '../refused.ts'
import {
  activeFrom,
  type EpochRoots,
  isActive,
  latestOf,
  type PostedEpoch,
} from '../rewards/epochs.ts'
import { quorumProblems } from '../signers/signer-sets.ts'

export type PostEpochArgs = {
  roots: EpochRoots
  /** Who signed it, in the order of their signatures. */
  signers: readonly Account[]
}

/** Posts a closed epoch newer than the last. Sums never fall and never exceed what has reached the distributor. */
export const postEpoch: Verb<PostEpochArgs> = (economy, _caller, { roots, signers }) => {
  const { epochs, now, distributor } = economy
  const latest = latestOf(epochs)
  const { payoutsTotal, withheldTotal } = roots
  const waiting = epochs.posted.filter((posted) => !isActive(posted, now)).length
  refuseIf({
    EpochManagerNotClosed: roots.epoch >= epochNow(economy),
    EpochManagerNotNewer: latest !== undefined && roots.epoch <= latest.epoch,
    EpochManagerTotalsFell:
      latest !== undefined &&
      (payoutsTotal < latest.payoutsTotal || withheldTotal < latest.withheldTotal),
    EpochManagerOverspent: payoutsTotal + withheldTotal > distributor.fundedTotal,
    EpochManagerTooManyWaiting: waiting >= epochs.waitingMax,
    ...quorumProblems(economy.signerSets, 'Verifier', signers),
  })
  const activeAt = activeFrom(epochs, now + valuesNow(economy).RootDelaySeconds)
  const posted = [...epochs.posted, { ...roots, activeAt }]
  return { ...economy, epochs: { ...epochs, posted, attempt: epochs.attempt + 1n } }
}

export type DisableEpochArgs = { epoch: bigint }

/** While it waits; takes those posted after it along, whose sums build on it. */
export const disableEpoch: Verb<DisableEpochArgs> = (economy, caller, { epoch }) => {
  requireRole(economy, 'guardian', caller)
  const roots = postedOf(economy, epoch)
  refuseIf({ EpochManagerAlreadyActive: isActive(roots, economy.now) })
  const posted = economy.epochs.posted.filter((other) => other.epoch < epoch)
  return { ...economy, epochs: { ...economy.epochs, posted } }
}

function postedOf({ epochs }: Economy, epoch: bigint): PostedEpoch {
  const found = epochs.posted.find((posted) => posted.epoch === epoch)
  return known(found, 'EpochManagerUnknownEpoch')
}
