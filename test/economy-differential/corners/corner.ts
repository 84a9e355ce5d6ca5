import type { Action } from '@mooring/market/economy/actions'
import type { ContractError } from '@mooring/market/economy/contract-errors'
import { type Economy, epochNow } from '@mooring/market/economy/economy'
import { epochStart } from '@mooring/market/economy/parameters/epoch-clock'
import type { ParamChange } from '@mooring/market/economy/parameters/param-store'
import type { Moment } from '@mooring/market/economy/sequence/leaving'
import { play } from '@mooring/market/economy/sequence/sequence'
import type { Seconds } from '@mooring/protocol/units'
import type { World } from '../world.ts'

/** A step of a story: somebody does something, so many seconds after the step before, or in the next epoch. */
export type Step = {
  later?: Seconds
  act: Action | ((economy: Economy) => Action)
  /** With which error; undefined when it is done. */
  refused?: ContractError
}

/** A corner that chance seldom finds, told from the moment a network has begun. */
export type Corner = { name: string; steps: (world: World, economy: Economy) => readonly Step[] }

export const hour = 3_600n
export const day = 24n * hour
export const whole = 10n ** 18n

/** The moments of a story, and what the model says becomes of each. */
export function told(
  economy: Economy,
  steps: readonly Step[],
): { moments: Moment[]; refused: (readonly ContractError[])[] } {
  let last = economy
  const moments: Moment[] = []
  const refused: (readonly ContractError[])[] = []
  for (const { later = 1n, act } of steps) {
    const now = last.now + later
    const action = typeof act === 'function' ? act({ ...last, now }) : act
    const played = play(last, action, now)
    moments.push({ action, now })
    refused.push(played.refused ?? [])
    last = played.economy
  }
  return { moments, refused }
}

/** Governance changes parameters with the next epoch, and somebody looks in when it has begun. */
export function withParams(economy: Economy, changes: readonly ParamChange[]): Step[] {
  const effectiveEpoch = epochNow(economy) + 1n
  const start = epochStart(economy.params.clock, effectiveEpoch)
  const { governor } = economy.roles
  return [
    { act: { name: 'announceParams', caller: governor, args: { changes, effectiveEpoch } } },
    { later: start - economy.now, act: { name: 'route', caller: governor, args: {} } },
  ]
}

/** An epoch's root with one leaf, by enough verifiers. */
export function epochRoot(
  { cast }: World,
  roots: { epoch: bigint; cumulative: bigint; payoutsTotal: bigint },
): Action {
  const { epoch, cumulative, payoutsTotal } = roots
  const leaves = [{ providerId: 1n, cumulative }]
  return {
    name: 'postEpoch',
    caller: cast.outsider,
    args: {
      roots: { epoch, leaves, payoutsTotal, withheldTotal: 0n },
      signers: cast.signers.slice(0, 3),
    },
  }
}

/**
 * Money for the distributor, that epoch's root for provider 1, and its payout once it may be.
 *
 * @param earlier - What the provider was paid before.
 */
export function paidOut(
  world: World,
  economy: Economy,
  { amount, earlier = 0n }: { amount: bigint; earlier?: bigint },
): Step[] {
  const { cast } = world
  const [giver = ''] = cast.consumers
  const epoch = epochNow(economy)
  const end = epochStart(economy.params.clock, epoch + 1n)
  const gift = { token: 'ankr', to: 'rewardDistributor', amount } as const
  const cumulative = earlier + amount
  const push = { providerId: 1n, epoch, cumulative }
  return [
    { act: { name: 'transfer', caller: giver, args: gift } },
    { act: { name: 'fund', caller: cast.outsider, args: {} } },
    {
      later: end - economy.now,
      act: epochRoot(world, { epoch, cumulative, payoutsTotal: cumulative }),
    },
    { later: 2n * day, act: { name: 'push', caller: cast.outsider, args: push } },
  ]
}
