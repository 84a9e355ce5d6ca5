import type { Seconds } from '@mooring/protocol/units'
import type { Account, Ledger, Movement, Token } from './ledger.ts'
import { epochAt } from './parameters/epoch-clock.ts'
import { type ParamStore, valuesAt } from './parameters/param-store.ts'
import type { ParamValues } from './parameters/sheet.ts'
import type { Escrow } from './payments/escrow.ts'
import type { FeeRouter } from './payments/fee-router.ts'
import type { RateFeed } from './payments/rate-feed.ts'
import { refuseIf } from './refused.ts'
import type { ProviderRegistry } from './registry/provider-registry.ts'
import type { EpochManager } from './rewards/epochs.ts'
import type { RewardDistributor } from './rewards/reward-distributor.ts'
import type { SignerSets } from './signers/signer-sets.ts'
import type { StakingPool } from './staking/staking-pool.ts'

export type Role = 'governor' | 'guardian' | 'admissions' | 'slasher'

/** The state of all contracts at a moment, as the chain would hold it. */
export type Economy = {
  now: Seconds
  roles: Readonly<Record<Role, Account>>
  /** Receives what nobody is owed any more. */
  treasury: Account
  ledger: Ledger
  params: ParamStore
  signerSets: SignerSets
  registry: ProviderRegistry
  pool: StakingPool
  rateFeed: RateFeed
  escrows: Readonly<Record<Token, Escrow>>
  router: FeeRouter
  epochs: EpochManager
  distributor: RewardDistributor
}

/** What one action leads to. */
export type Step = { economy: Economy; movements: readonly Movement[] }

/** An action of somebody: the state after it, or `Refused`. */
export type Verb<Args> = (economy: Economy, caller: Account, args: Args) => Economy

/** Of a verb that needs to know no more than who calls. */
export type NoArgs = Record<never, never>

export function valuesNow({ params, now }: Economy): ParamValues {
  return valuesAt(params, now)
}

export function epochNow({ params, now }: Economy): bigint {
  return epochAt(params.clock, now)
}

export function requireRole({ roles }: Economy, role: Role, caller: Account): void {
  refuseIf({ AccessManagedUnauthorized: roles[role] !== caller })
}
