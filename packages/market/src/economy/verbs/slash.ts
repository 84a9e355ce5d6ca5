import type { Seconds, TokenAmount } from '@mooring/protocol/units'
import { type Economy, requireRole, type Verb, valuesNow } from '../economy.ts'
import { withEntry, withoutEntry } from '../entries.ts'
import { balanceOf, given, taken } from '../ledger.ts'
import { least, partDown } from '../money/mul-div.ts'
import { known, refuseIf } from '../refused.ts'
import { slashed, totalOf } from '../staking/share-bucket.ts'
import {
  type Indemnifier,
  type StakeKind,
  stakeAt,
  withBucket,
  withStake,
} from '../staking/staking-pool.ts'
import { drainUncovered } from './self-stake.ts'
import { stakedProvider } from './staked-provider.ts'

export type SlashArgs = {
  providerId: bigint
  selfAmount: TokenAmount
  delegatedAmount: TokenAmount
}

/**
 * Takes up to these amounts. What the indemnifier pays goes to the slasher in place of delegators' stake; what is
 * left of a generation that ends goes to the treasury.
 */
export const slash: Verb<SlashArgs> = (economy, caller, args) => {
  requireRole(economy, 'slasher', caller)
  stakedProvider(economy, args.providerId)
  const { pool, now } = economy
  const stake = stakeAt(pool, args.providerId, now)
  const loss = least(args.delegatedAmount, totalOf(stake.buckets.Delegated))
  const covered = coverOf(economy, loss)
  const self = slashed(stake.buckets.Self, args.selfAmount)
  const delegated = slashed(stake.buckets.Delegated, loss - covered)
  const finals = delegated.activeClosed ? [...stake.finals, stake.stream.accumulator] : stake.finals
  const hitSelf = withBucket(stake, 'Self', { bucket: self.bucket, now })
  const hit = withBucket(hitSelf, 'Delegated', { bucket: delegated.bucket, now })
  const after = withStake(pool, args.providerId, { ...hit, finals })
  const swept = self.swept + delegated.swept
  const ledger = paidOut(economy, { caller, taken: self.taken + loss, covered, swept })
  return drainUncovered({ ...economy, pool: after, ledger }, args.providerId)
}

export type LockArgs = {
  lockId: string
  providerId: bigint
  kind: StakeKind
  amount: TokenAmount
  until: Seconds
}

export const lock: Verb<LockArgs> = (economy, caller, { lockId, ...added }) => {
  requireRole(economy, 'slasher', caller)
  stakedProvider(economy, added.providerId)
  const { locks, released } = economy.pool
  const values = valuesNow(economy)
  const untilMax = economy.now + values.DisputeOpenSeconds + values.DisputeResolveSeconds
  refuseIf({
    StakingPoolLockExists: locks.has(lockId) || released.has(lockId),
    StakingPoolLockTooLong: added.until > untilMax,
  })
  const locked = withLocked(economy, added, added.amount)
  return { ...locked, pool: { ...locked.pool, locks: withEntry(locks, lockId, added) } }
}

export type ReleaseArgs = { lockId: string }

/** By the slasher at any time, by anyone after its date, so that no lock outlives it. */
export const release: Verb<ReleaseArgs> = (economy, caller, { lockId }) => {
  const held = known(economy.pool.locks.get(lockId), 'StakingPoolUnknownLock')
  const isEarly = economy.now < held.until && caller !== economy.roles.slasher
  refuseIf({ StakingPoolLockHeld: isEarly })
  const { pool, ...others } = withLocked(economy, held, -held.amount)
  const locks = withoutEntry(pool.locks, lockId)
  const released = new Set(pool.released).add(lockId)
  return { ...others, pool: { ...pool, locks, released } }
}

export type SetIndemnifierArgs = { indemnifier: Indemnifier | undefined }

export const setIndemnifier: Verb<SetIndemnifierArgs> = (economy, caller, { indemnifier }) => {
  requireRole(economy, 'governor', caller)
  return { ...economy, pool: { ...economy.pool, indemnifier } }
}

/** The indemnifier of the model pays its part of a loss, rounded down, as far as it can. */
function coverOf({ pool, ledger }: Economy, loss: TokenAmount): TokenAmount {
  if (pool.indemnifier === undefined) return 0n
  const { account, coverPpm } = pool.indemnifier
  return least(partDown(loss, coverPpm), balanceOf(ledger, 'ankr', account))
}

type Payments = { caller: string; taken: TokenAmount; covered: TokenAmount; swept: TokenAmount }

function paidOut({ ledger, pool, treasury }: Economy, payments: Payments) {
  const { caller, covered, swept } = payments
  const from = pool.indemnifier?.account ?? caller
  const pay = { token: 'ankr', from: 'stakingPool' } as const
  const whole = taken(ledger, { token: 'ankr', from, to: 'stakingPool', amount: covered })
  const sent = given(whole, { ...pay, to: caller, amount: payments.taken })
  return given(sent, { ...pay, to: treasury, amount: swept })
}

function withLocked(
  economy: Economy,
  { providerId, kind }: { providerId: bigint; kind: StakeKind },
  change: bigint,
): Economy {
  const stake = stakeAt(economy.pool, providerId, economy.now)
  const bucket = { ...stake.buckets[kind], locked: stake.buckets[kind].locked + change }
  const after = withBucket(stake, kind, { bucket, now: economy.now })
  return { ...economy, pool: withStake(economy.pool, providerId, after) }
}
