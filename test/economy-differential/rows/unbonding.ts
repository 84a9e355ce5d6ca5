import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import { epochNow } from '@mooring/market/economy/economy'
import { epochStart } from '@mooring/market/economy/parameters/epoch-clock'
import { activeAt, openRequestsOf, stakeKinds } from '@mooring/market/economy/staking/staking-pool'
import { requestValue } from '@mooring/market/economy/verbs/unbond'
import { zeroAddress } from 'viem'
import { kindNumbers } from '../calls/contract-call.ts'
import { addressWith } from '../cast.ts'
import { holdersOf } from './pool.ts'
import { type RowsOf, rowsFrom } from './row.ts'

const noRequest = {
  providerId: 0n,
  kind: 0,
  holder: zeroAddress,
  withdrawableAt: 0n,
  generation: 0,
  shares: 0n,
}

/** Every request, open or closed, and stake as it was when the last epoch ended. */
export const unbondingRows: RowsOf = (world, economy) => {
  const { pool, registry, params, now } = economy
  const row = rowsFrom('pool', world.parts.pool, stakingPoolAbi)
  const boundary = epochStart(params.clock, epochNow(economy))
  const numbers = Array.from({ length: Number(pool.requestCount) + 1 }, (_, place) => place + 1)
  return [
    ...numbers.map(BigInt).flatMap((requestId) => {
      const request = pool.requests.get(requestId)
      if (request === undefined) return [row('requestOf', [requestId], noRequest)]
      const { kind, holder = zeroAddress } = request
      return [
        row('requestOf', [requestId], { ...request, kind: kindNumbers[kind], holder }),
        row('requestValueOf', [requestId], requestValue(economy, request)),
      ]
    }),
    ...[...registry.providers.keys()].flatMap((providerId) => [
      ...[...holdersOf(world), undefined].map((holder) => {
        const kind = holder === undefined ? 'Self' : 'Delegated'
        const who = holder === undefined ? zeroAddress : addressWith(holder)
        const open = openRequestsOf(pool, { providerId, kind, holder })
        // The contract's list is in no order that means anything.
        return row('openRequestsOf', [providerId, kindNumbers[kind], who], open, (answer) =>
          [...answer].sort((one, other) => (one < other ? -1 : 1)),
        )
      }),
      ...(boundary < now
        ? stakeKinds.map((kind) =>
            row(
              'activeAt',
              [providerId, kindNumbers[kind], Number(boundary)],
              activeAt(pool, { providerId, kind }, boundary),
            ),
          )
        : []),
    ]),
  ]
}
