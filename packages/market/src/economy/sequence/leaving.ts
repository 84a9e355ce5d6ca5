import type { Seconds } from '@mooring/protocol/units'
import type { Action } from '../actions.ts'
import type { Economy } from '../economy.ts'
import { type Account, tokens } from '../ledger.ts'
import { most } from '../money/mul-div.ts'
import type { ParameterSheet } from '../parameters/sheet.ts'
import { depositOf } from '../payments/escrow.ts'
import { bondOf, isBound } from '../signers/signer-sets.ts'
import { claimable } from '../staking/position.ts'
import { activeValueOf } from '../staking/share-bucket.ts'
import { type ProviderStake, positionOf, stakeAt } from '../staking/staking-pool.ts'
import { play } from './sequence.ts'

/** Somebody does something at a moment. */
export type Moment = { action: Action; now: Seconds }

/** What was done to leave, and the economy after it. */
export type Left = { moments: readonly Moment[]; economy: Economy }

/** No exit takes longer, whatever the parameters are or were: the bounds of the table say so. */
export function exitSecondsMax(sheet: ParameterSheet): Seconds {
  return most(
    sheet.UnbondingSelfSeconds.max,
    sheet.UnbondingDelegatorSeconds.max,
    sheet.DisputeOpenSeconds.max + sheet.DisputeResolveSeconds.max,
    sheet.WithdrawDelaySeconds.max,
    sheet.SignerExitSeconds.max,
  )
}

/**
 * Some owners take out all that is theirs while everybody else is silent: they ask, wait and take, once and where that
 * left something, once more. Nobody with a role does anything.
 */
export function leave(economy: Economy, leavers: readonly Account[]): Left {
  const once = leaveOnce({ moments: [], economy }, leavers)
  // A share worth less than a base unit when its owner asks may be worth one once the others have left.
  const isOut = leavers.every((leaver) => belongingsOf(once.economy, leaver).length === 0)
  return isOut ? once : leaveOnce(once, leavers)
}

/** What somebody still has in our contracts, in words; nothing when all that is worth a base unit is out. */
export function belongingsOf(economy: Economy, account: Account): string[] {
  const { pool, signerSets, escrows } = economy
  const { bond } = bondOf(signerSets, account)
  return [
    ...stakesOf(economy).flatMap(({ providerId, stake, owner }) => {
      const position = positionOf(stake, account)
      const self = owner === account ? stake.buckets.Self.shares : 0n
      const worth = activeValueOf(stake.buckets.Delegated, position.shares)
      return [
        worth > 0n || self > 0n ? `stake behind provider ${providerId}` : undefined,
        claimable(position) > 0n ? `rewards of provider ${providerId}` : undefined,
      ]
    }),
    ...[...pool.requests.keys()].map((id) =>
      holderOf(economy, id) === account ? `request ${id}` : undefined,
    ),
    ...tokens.map((asset) =>
      depositOf(escrows[asset], account).balance > 0n ? `a deposit of ${asset}` : undefined,
    ),
    bond > 0n && !isBound(signerSets, account) ? 'a bond' : undefined,
  ].filter((belonging) => belonging !== undefined)
}

function leaveOnce(before: Left, leavers: readonly Account[]): Left {
  const asked = leavers.reduce(asks, before)
  const now = asked.economy.now + exitSecondsMax(before.economy.params.sheet)
  return leavers.reduce(takes, { ...asked, economy: { ...asked.economy, now } })
}

/** Makes room first: there is a most of what may be open at a time. */
function asks(before: Left, caller: Account): Left {
  const requests = [...before.economy.pool.requests.keys()]
  const cancelled = requests
    .filter((requestId) => holderOf(before.economy, requestId) === caller)
    .map((requestId): Action => {
      return { name: 'cancelUnbonding', caller, args: { requestId, sharesMin: 0n } }
    })
  const roomy = attempted(before, cancelled)
  const unstaked = stakesOf(roomy.economy).flatMap(({ providerId, stake }): Action[] => {
    const self = { providerId, kind: 'Self', shares: stake.buckets.Self.shares } as const
    const { shares } = positionOf(stake, caller)
    const delegated = { providerId, kind: 'Delegated', shares } as const
    return [self, delegated]
      .filter((part) => part.shares > 0n)
      .map((part) => ({ name: 'unstake', caller, args: { ...part, amountMin: 0n } }))
  })
  const asked = tokens.flatMap((asset): Action[] => {
    const { balance: amount } = depositOf(roomy.economy.escrows[asset], caller)
    return [
      { name: 'cancelWithdraw', caller, args: { asset } },
      { name: 'requestWithdraw', caller, args: { asset, amount } },
    ]
  })
  const exit: Action = { name: 'requestBondExit', caller, args: {} }
  return attempted(roomy, [...unstaked, ...asked, exit])
}

function takes(before: Left, caller: Account): Left {
  const { pool, registry } = before.economy
  const released = [...pool.locks.keys()].map((lockId): Action => {
    return { name: 'release', caller, args: { lockId } }
  })
  const withdrawn = [...pool.requests.keys()]
    .filter((requestId) => holderOf(before.economy, requestId) === caller)
    .map((requestId): Action => ({ name: 'withdraw', caller, args: { requestId, to: caller } }))
  const claimed = [...registry.providers.keys()].map((providerId): Action => {
    return { name: 'claim', caller, args: { providerId, to: caller } }
  })
  const deposits = tokens.map((asset): Action => {
    return { name: 'withdrawDeposit', caller, args: { asset, to: caller } }
  })
  const bond: Action = { name: 'withdrawBond', caller, args: { to: caller } }
  return attempted(before, [...released, ...withdrawn, ...claimed, ...deposits, bond])
}

/** Does what can be done, one action after the other, and leaves the rest. */
function attempted(before: Left, actions: readonly Action[]): Left {
  return actions.reduce((last, action): Left => {
    const played = play(last.economy, action, last.economy.now + 1n)
    if (played.refused !== undefined) return last
    const moments = [...last.moments, { action, now: played.now }]
    return { moments, economy: played.economy }
  }, before)
}

function stakesOf({ registry, pool, now }: Economy) {
  return [...registry.providers].map(([providerId, { owner }]) => {
    const stake: ProviderStake = stakeAt(pool, providerId, now)
    return { providerId, owner, stake }
  })
}

function holderOf({ pool, registry }: Economy, requestId: bigint): Account | undefined {
  const request = pool.requests.get(requestId)
  return request?.holder ?? registry.providers.get(request?.providerId ?? 0n)?.owner
}
