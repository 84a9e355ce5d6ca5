import type { Action } from '@mooring/market/economy/actions'
import type { Economy } from '@mooring/market/economy/economy'
import type { World } from '../world.ts'
import { type Corner, day, paidOut, type Step, whole, withParams } from './corner.ts'

const providerId = 1n
const week = 7n * day

export const stakingCorners: readonly Corner[] = [
  {
    name: 'without own stake at the epoch’s end the delegators earn what commission leaves',
    steps: (world, economy) => [
      { act: unstakeSelf(world, economy) },
      ...paidOut(world, economy, { amount: 1_000n * whole + 1n }),
      { later: 3n * day, act: claim(world) },
    ],
  },
  {
    name: 'a slash of nearly all ends a generation, whose rewards stay its own and whose rest of a stream is idle',
    steps: (world, economy) => [
      ...paidOut(world, economy, { amount: 10n ** 21n + 123_457n }),
      { later: 2n * day, act: slash(economy, { left: whole - 1n }) },
      { later: 1n, act: claim(world) },
      { act: claim(world), refused: 'StakingPoolNothingToClaim' },
      {
        later: day,
        act: { name: 'payIdleReward', caller: world.cast.outsider, args: { providerId } },
      },
      { act: delegate(world, 2_000n * whole) },
      { later: week, act: claim(world) },
      { act: { name: 'payIdleReward', caller: world.cast.outsider, args: { providerId } } },
    ],
  },
  {
    name: 'the end of own stake’s generation leaves what delegators of theirs had earned as it was',
    steps: (world, economy) => {
      const { outsider } = world.cast
      const other = world.cast.delegators[2] ?? outsider
      const join = { providerId, kind: 'Delegated', amount: 2_000n * whole, sharesMin: 0n } as const
      return [
        ...paidOut(world, economy, { amount: 10n ** 21n }),
        { later: 2n * day, act: slash(economy, { left: 0n }) },
        { act: { name: 'stake', caller: other, args: { ...join, way: 'approval' } } },
        { later: day, act: { name: 'claim', caller: other, args: { providerId, to: other } } },
        { later: day, act: slashSelf },
        { later: day, act: claim(world) },
        { act: claim(world), refused: 'StakingPoolNothingToClaim' },
        { later: week, act: { name: 'claim', caller: other, args: { providerId, to: other } } },
      ]
    },
  },
  {
    name: 'shares that are worth no base unit cannot leave, and too few are none',
    steps: (world, economy) => [
      { act: slash(economy, { left: 3n * whole }) },
      { act: unstake(world, 999n), refused: 'SharePoolTooLittle' },
      { act: delegate(world, 1_000n * whole) },
      { act: unstake(world, 2_000n) },
      { act: unstake(world, 1_001n) },
      {
        act: {
          name: 'cancelUnbonding',
          caller: delegator(world),
          args: { requestId: 1n, sharesMin: 0n },
        },
      },
    ],
  },
  {
    name: 'a reward too small for a unit a second waits, and what a division left over goes to those who stay',
    steps: (world, economy) => {
      const amount = 10n ** 21n + 7n
      const odd = 777n * whole + 14n
      const first = [
        { act: delegate(world, odd) },
        ...paidOut(world, { ...economy, now: economy.now + 1n }, { amount }),
        { later: 8n * day, act: unstake(world, 2_000n * whole + odd) },
      ]
      const length = first.reduce((sum, { later = 1n }: Step) => sum + later, 0n)
      const then = { ...economy, now: economy.now + length }
      return [
        // More is left over at their end than there are shares from then on.
        ...first,
        ...paidOut(world, then, { amount: 400_000n, earlier: amount }),
        { later: day, act: claim(world) },
        { later: day, act: claim(world), refused: 'StakingPoolNothingToClaim' },
        { act: delegate(world, 7_777n * whole + 13n) },
        { act: slash(economy, { left: 5_000n * whole }) },
        { later: day, act: delegate(world, whole) },
      ]
    },
  },
  {
    name: 'the caps of the initial period count what was delegated and not withdrawn',
    steps: (world, economy) => [
      ...withParams(economy, [
        { param: 'DelegationCapPerAddress', value: 5_000n * whole },
        { param: 'DelegationCapEndEpoch', value: 9n },
      ]),
      { act: delegate(world, 2_000n * whole + 1n), refused: 'StakingPoolCapReached' },
      { act: delegate(world, 2_000n * whole) },
      { act: delegate(world, 1n), refused: 'StakingPoolCapReached' },
      { act: unstake(world, 4_000n * whole) },
      { act: delegate(world, 1n), refused: 'StakingPoolCapReached' },
      { act: unstake(world, 1_000n * whole) },
      { later: 22n * day, act: withdraw(world, 2n) },
      { act: delegate(world, whole), refused: 'StakingPoolBelowMinimum' },
      { act: delegate(world, 1_000n * whole) },
      {
        act: {
          name: 'cancelUnbonding',
          caller: delegator(world),
          args: { requestId: 1n, sharesMin: 0n },
        },
      },
      { act: delegate(world, 1n), refused: 'StakingPoolCapReached' },
      { later: 6n * week, act: delegate(world, whole) },
    ],
  },
  {
    name: 'a lock keeps what it covers, ends at its date, and its name is not used again',
    steps: (world, economy) => {
      const { slasher } = economy.roles
      const lockId = `0x${'3'.repeat(64)}`
      const lock = ({ now }: Economy): Action => {
        const until = now + 12n * day
        const terms = { providerId, kind: 'Delegated', amount: 3_000n * whole } as const
        return { name: 'lock', caller: slasher, args: { lockId, ...terms, until } }
      }
      const release: Action = { name: 'release', caller: world.cast.outsider, args: { lockId } }
      return [
        { act: unstake(world, 3_000n * whole) },
        { later: 21n * day, act: lock },
        { later: day, act: withdraw(world, 1n), refused: 'StakingPoolLocked' },
        { act: release, refused: 'StakingPoolLockHeld' },
        { later: 11n * day, act: release },
        { act: release, refused: 'StakingPoolUnknownLock' },
        { act: lock, refused: 'StakingPoolLockExists' },
        { act: withdraw(world, 1n) },
      ]
    },
  },
  {
    name: 'a provider has no more active nodes than allowed, whatever its stake',
    steps: (world, economy) => {
      const [owner = ''] = world.cast.owners
      const [, , , signingKey = ''] = world.cast.nodeKeys
      const nodeId = 3n
      const more = { providerId, kind: 'Self', amount: 10n ** 23n, sharesMin: 0n } as const
      const audit: Action = { name: 'requestAudit', caller: owner, args: { nodeId } }
      const activate: Action = { name: 'activateNode', caller: owner, args: { nodeId } }
      return [
        ...withParams(economy, [{ param: 'NodesPerProviderMax', value: 1n }]),
        { act: { name: 'stake', caller: owner, args: { ...more, way: 'permit' } } },
        { act: { name: 'registerNode', caller: owner, args: { providerId, signingKey } } },
        { act: audit },
        { act: { name: 'admitNode', caller: economy.roles.admissions, args: { nodeId } } },
        { act: activate, refused: 'ProviderRegistryTooManyNodes' },
        { act: { name: 'drainNode', caller: owner, args: { nodeId: 1n } } },
        { act: activate },
      ]
    },
  },
]

function delegator({ cast }: World): string {
  return cast.delegators[0] ?? cast.outsider
}

function delegate(world: World, amount: bigint): Action {
  const terms = { providerId, kind: 'Delegated', sharesMin: 0n, way: 'approval' } as const
  return { name: 'stake', caller: delegator(world), args: { ...terms, amount } }
}

function unstake(world: World, shares: bigint): Action {
  const terms = { providerId, kind: 'Delegated', amountMin: 0n } as const
  return { name: 'unstake', caller: delegator(world), args: { ...terms, shares } }
}

function slashSelf({ roles }: Economy): Action {
  const args = { providerId, selfAmount: 10n ** 30n, delegatedAmount: 0n }
  return { name: 'slash', caller: roles.slasher, args }
}

function unstakeSelf({ cast }: World, { pool }: Economy): Action {
  const { shares = 0n } = pool.stakes.get(providerId)?.buckets.Self ?? {}
  const args = { providerId, kind: 'Self', shares, amountMin: 0n } as const
  return { name: 'unstake', caller: cast.owners[0] ?? cast.outsider, args }
}

function withdraw(world: World, requestId: bigint): Action {
  const to = delegator(world)
  return { name: 'withdraw', caller: to, args: { requestId, to } }
}

function claim(world: World): Action {
  const caller = delegator(world)
  return { name: 'claim', caller, args: { providerId, to: caller } }
}

/** Takes all delegations but so much. */
function slash({ roles }: Economy, { left }: { left: bigint }) {
  return ({ pool }: Economy): Action => {
    const { active = 0n, unbonding = 0n } = pool.stakes.get(providerId)?.buckets.Delegated ?? {}
    const args = { providerId, selfAmount: 0n, delegatedAmount: active + unbonding - left }
    return { name: 'slash', caller: roles.slasher, args }
  }
}
