import type { Seconds, TokenAmount } from '@mooring/protocol/units'
import type { Economy, Role } from './economy.ts'
import type { Account, Ledger, Token } from './ledger.ts'
import { sumOf } from './money/mul-div.ts'
import { createParamStore } from './parameters/param-store.ts'
import type { ParameterSheet } from './parameters/sheet.ts'
import { createEscrow } from './payments/escrow.ts'
import { createFeeRouter } from './payments/fee-router.ts'
import type { FeeBucket } from './payments/fee-split.ts'
import { createRateFeed, type Rate } from './payments/rate-feed.ts'
import { emptyRegistry } from './registry/provider-registry.ts'
import { createEpochManager } from './rewards/epochs.ts'
import { emptyDistributor } from './rewards/reward-distributor.ts'
import {
  emptySignerSets,
  type SignerRole,
  type SignerSets,
  signerRoles,
} from './signers/signer-sets.ts'
import { emptyPool } from './staking/staking-pool.ts'

/** What a deployment is given, and who has tokens when it begins. */
export type Opening = {
  /** When the first epoch begins. */
  start: Seconds
  sheet: ParameterSheet
  roles: Readonly<Record<Role, Account>>
  treasury: Account
  recipients: Readonly<Record<FeeBucket, Account>>
  ankrBurnable: boolean
  rate: Rate
  stableDecimals: bigint
  /** Installable at once, when their members have their bonds. */
  sets: Readonly<Record<SignerRole, { members: readonly Account[]; threshold: bigint }>>
  /** Epochs that may wait at a time. */
  waitingMax: number
  purses: Readonly<Record<Token, ReadonlyMap<Account, TokenAmount>>>
}

export function openEconomy(opening: Opening): Economy {
  const { start, sheet, rate, stableDecimals } = opening
  return {
    now: start,
    roles: opening.roles,
    treasury: opening.treasury,
    ledger: ledgerOf(opening.purses),
    params: createParamStore(sheet, start),
    signerSets: announcedSets(opening),
    registry: emptyRegistry,
    pool: emptyPool,
    rateFeed: createRateFeed(rate, { stableDecimals, now: start }),
    escrows: { ankr: createEscrow('ankr', start), stable: createEscrow('stable', start) },
    router: createFeeRouter(opening.recipients, opening.ankrBurnable),
    epochs: createEpochManager(opening.waitingMax),
    distributor: emptyDistributor,
  }
}

function ledgerOf(purses: Opening['purses']): Ledger {
  const supply = { ankr: sumOf(purses.ankr.values()), stable: sumOf(purses.stable.values()) }
  return { balances: purses, held: { ankr: new Map(), stable: new Map() }, supply, movements: [] }
}

function announcedSets({ sets, start }: Opening): SignerSets {
  const rows = signerRoles.map((role) => [role, { ...sets[role], installableAt: start }])
  return { ...emptySignerSets, announced: Object.fromEntries(rows) }
}
