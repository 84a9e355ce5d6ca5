import { epochManagerAbi } from '@mooring/abis/epoch-manager'
import { rewardDistributorAbi } from '@mooring/abis/reward-distributor'
import {
  isActive,
  latestActiveOf,
  latestOf,
  type PostedEpoch,
} from '@mooring/market/economy/rewards/epochs'
import { payoutTree } from '../trees.ts'
import { type RowsOf, rowsFrom } from './row.ts'

/** Every epoch that stands, and what was funded, paid and swept. */
export const rewardRows: RowsOf = ({ parts }, { epochs, distributor, registry, now }) => {
  const row = rowsFrom('epochs', parts.epochs, epochManagerAbi)
  const paid = rowsFrom('distributor', parts.distributor, rewardDistributorAbi)
  return [
    row('attempt', [], epochs.attempt),
    row('first', [], named(epochs.posted[0])),
    row('latest', [], named(latestOf(epochs))),
    row('latestActive', [], named(latestActiveOf(epochs, now))),
    ...epochs.posted.flatMap((posted) => {
      const { epoch, leaves, payoutsTotal, withheldTotal, activeAt } = posted
      const { root } = payoutTree(leaves)
      return [
        row('payoutsOf', [epoch], [root, payoutsTotal, withheldTotal]),
        row('rootsOf', [epoch], activeAt, ([, from]) => from),
        row('isActive', [epoch], isActive(posted, now)),
      ]
    }),
    paid('fundedTotal', [], distributor.fundedTotal),
    paid('paidTotal', [], distributor.paidTotal),
    paid('withheldSwept', [], distributor.withheldSwept),
    ...[...registry.providers.keys()].map((providerId) => {
      const last = distributor.paid.get(providerId)
      return paid('paidOf', [providerId], [last?.paid ?? 0n, last?.lastEpoch ?? 0n])
    }),
  ]
}

function named(posted: PostedEpoch | undefined): [bigint, boolean] {
  return posted === undefined ? [0n, false] : [posted.epoch, true]
}
