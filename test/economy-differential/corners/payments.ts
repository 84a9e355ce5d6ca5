import type { Action } from '@mooring/market/economy/actions'
import type { Economy } from '@mooring/market/economy/economy'
import { noKey } from '@mooring/market/economy/payments/escrow'
import type { World } from '../world.ts'
import { type Corner, day, hour, whole, withParams } from './corner.ts'

const asset = 'ankr'
const key = `0x${'2'.repeat(64)}`

export const paymentCorners: readonly Corner[] = [
  {
    name: 'a leaf that finds nothing to take counts as applied, so that no older root comes after it',
    steps: (world, economy) => {
      const [caller = ''] = world.cast.consumers
      const more = { asset, amount: 50n * whole, keyCommitment: noKey, way: 'approval' } as const
      return [
        ...withParams(economy, [{ param: 'PeriodCapPpm', value: 1_000_000n }]),
        { act: root(world, 20_000n * whole) },
        { later: 12n * hour, act: root(world, 20_030n * whole) },
        { later: day, act: apply(world, 1n) },
        { act: apply(world, 2n) },
        { act: { name: 'deposit', caller, args: more } },
        { act: apply(world, 1n) },
        { act: apply(world, 2n) },
      ]
    },
  },
  {
    name: 'a root can be applied no sooner than the one before it, also when the delay has become shorter',
    steps: (world, economy) => {
      const [announce, begin] = withParams(economy, [{ param: 'ChargeDelaySeconds', value: hour }])
      if (announce === undefined || begin?.later === undefined) return []
      return [
        announce,
        { later: begin.later - hour, act: root(world, 5n, 1n - 12n * hour) },
        { later: hour + 1n, act: root(world, 7n) },
        { later: 2n * hour, act: apply(world, 2n), refused: 'EscrowRootNotApplicable' },
        { later: 9n * hour, act: apply(world, 2n) },
        { act: apply(world, 1n) },
      ]
    },
  },
  {
    name: 'the first root is for no period that ended before the contract was',
    steps: (world, economy) => {
      const ago = economy.params.clock[0].start - economy.now - 2n
      return [
        { act: root(world, 5n, ago), refused: 'EscrowPeriodTooShort' },
        { act: root(world, 5n, ago) },
      ]
    },
  },
  {
    name: 'a root that is disabled cannot be disabled again, and an account’s next life needs a key',
    steps: (world, economy) => {
      const [caller = ''] = world.cast.consumers
      const { guardian } = economy.roles
      const terms = {
        asset,
        amount: 2_000n * whole,
        keyCommitment: noKey,
        way: 'callback',
      } as const
      const disable: Action = {
        name: 'disableChargeRoot',
        caller: guardian,
        args: { asset, rootId: 1n },
      }
      const amount = 20_000n * whole
      return [
        { act: root(world, 5n) },
        { act: disable },
        { act: disable, refused: 'EscrowRootNotApplicable' },
        { act: { name: 'requestWithdraw', caller, args: { asset, amount } } },
        { later: 2n * day, act: { name: 'withdrawDeposit', caller, args: { asset, to: caller } } },
        { act: { name: 'deposit', caller, args: terms }, refused: 'EscrowNoKeyCommitment' },
        { act: { name: 'setKeyCommitment', caller, args: { asset, keyCommitment: key } } },
        { act: { name: 'deposit', caller, args: terms } },
      ]
    },
  },
  {
    name: 'an auction takes along what has arrived and was not booked, and its rest is pending again',
    steps: (world) => {
      const { outsider, signers, consumers, delegators } = world.cast
      const [giver = ''] = consumers
      const [buyer = ''] = delegators
      const gift = { token: 'stable', to: 'feeRouter', amount: 10n ** 10n } as const
      const rate = 25_000_000_000_000_000n
      const post = ({ now }: Economy): Action => {
        const quotes = [rate, rate + 1n, rate - 7n]
        const args = { observedAt: now - 1n, quotes, signers: signers.slice(0, 3) }
        return { name: 'postRate', caller: outsider, args }
      }
      const buy: Action = {
        name: 'buy',
        caller: buyer,
        args: { stableMax: 10n ** 9n + 7n, ankrMax: 10n ** 23n },
      }
      const start: Action = { name: 'startAuction', caller: outsider, args: {} }
      const end: Action = { name: 'endAuction', caller: outsider, args: {} }
      return [
        { act: { name: 'transfer', caller: giver, args: gift } },
        { later: 2n * hour, act: start, refused: 'FeeRouterRateStale' },
        { act: post },
        { act: start },
        { later: 1_234n, act: buy },
        { act: { name: 'transfer', caller: giver, args: gift } },
        { act: start, refused: 'FeeRouterAuctionRunning' },
        { later: 5n * hour, act: buy },
        { later: day, act: buy, refused: 'FeeRouterNoAuction' },
        { act: post },
        { act: start },
        { later: day, act: end },
        { act: end, refused: 'FeeRouterNoAuction' },
      ]
    },
  },
]

/** Of the first consumer's account, by enough verifiers. */
function root({ cast }: World, total: bigint, ago = 0n) {
  const [account = ''] = cast.consumers
  return ({ now }: Economy): Action => ({
    name: 'postChargeRoot',
    caller: cast.outsider,
    args: {
      asset,
      leaves: [{ account, life: 0n, total }],
      periodEnd: now + ago,
      signers: cast.signers.slice(0, 3),
    },
  })
}

function apply({ cast }: World, rootId: bigint) {
  return ({ escrows }: Economy): Action => {
    const { leaves = [] } = escrows[asset].roots[Number(rootId) - 1] ?? {}
    return { name: 'applyCharges', caller: cast.outsider, args: { asset, rootId, leaves } }
  }
}
