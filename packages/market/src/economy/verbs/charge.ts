import type { Seconds, TokenAmount } from '@mooring/protocol/units'
import { type Economy, requireRole, type Verb, valuesNow } from '../economy.ts'
import { type Account, given, type Token } from '../ledger.ts'
import {
  applicableFrom,
  type ChargeLeaf,
  capTerms,
  charged,
  depositOf,
  type Escrow,
  earliestPeriodEnd,
  holderOf,
  lastRootOf,
  rootOf,
  withDeposit,
} from '../payments/escrow.ts'
import { refuseIf } from '../refused.ts'
import { quorumProblems } from '../signers/signer-sets.ts'
import { withEscrow } from './deposit.ts'
import { routeArrived } from './route.ts'

export type PostChargeRootArgs = {
  asset: Token
  leaves: readonly ChargeLeaf[]
  periodEnd: Seconds
  /** Who signed it, in the order of their signatures. */
  signers: readonly Account[]
}

export const postChargeRoot: Verb<PostChargeRootArgs> = (economy, _caller, args) => {
  const { asset, leaves, periodEnd, signers } = args
  const escrow = economy.escrows[asset]
  const values = valuesNow(economy)
  refuseIf({
    EscrowPeriodInFuture: periodEnd > economy.now,
    EscrowPeriodTooShort: periodEnd < earliestPeriodEnd(escrow, values),
    EscrowPeriodTooOld: periodEnd + values.ChargePeriodSeconds <= economy.now,
    ...quorumProblems(economy.signerSets, 'Verifier', signers),
  })
  const applicableAt = applicableFrom(escrow, economy.now + values.ChargeDelaySeconds)
  const previous = lastRootOf(escrow)
  const root = { leaves, periodEnd, applicableAt, previous, disabled: false }
  return withEscrow(economy, { ...escrow, roots: [...escrow.roots, root] })
}

export type DisableChargeRootArgs = { asset: Token; rootId: bigint }

/** Takes those posted after it along, which were computed on top of it. */
export const disableChargeRoot: Verb<DisableChargeRootArgs> = (economy, caller, args) => {
  requireRole(economy, 'guardian', caller)
  const escrow = economy.escrows[args.asset]
  const root = rootOf(escrow, args.rootId)
  refuseIf({
    EscrowRootNotApplicable: root.disabled,
    EscrowRootActive: economy.now >= root.applicableAt,
  })
  const roots = escrow.roots.map((other, place) =>
    BigInt(place) + 1n < args.rootId ? other : { ...other, disabled: true },
  )
  return withEscrow(economy, { ...escrow, roots })
}

export type ApplyChargesArgs = { asset: Token; rootId: bigint; leaves: readonly ChargeLeaf[] }

/** A leaf that cannot be applied is skipped, so that it cannot stop the others. Anyone may apply. */
export const applyCharges: Verb<ApplyChargesArgs> = (economy, _caller, args) => {
  const { asset, rootId, leaves } = args
  const root = rootOf(economy.escrows[asset], rootId)
  refuseIf({ EscrowRootNotApplicable: root.disabled || economy.now < root.applicableAt })
  let escrow = economy.escrows[asset]
  let sum: TokenAmount = 0n
  for (const leaf of leaves) {
    if (!root.leaves.some((own) => isSame(own, leaf))) continue
    const applied = withCharge(economy, escrow, { rootId, leaf })
    if (applied === undefined) continue
    escrow = applied.escrow
    sum += applied.amount
  }
  const booked = withEscrow(economy, escrow)
  if (sum === 0n) return booked
  const from = holderOf(asset)
  const ledger = given(economy.ledger, { token: asset, from, to: 'feeRouter', amount: sum })
  return routeArrived({ ...booked, ledger })
}

function withCharge(
  economy: Economy,
  escrow: Escrow,
  { rootId, leaf }: { rootId: bigint; leaf: ChargeLeaf },
): { escrow: Escrow; amount: TokenAmount } | undefined {
  const before = depositOf(escrow, leaf.account)
  const cap = capTerms(escrow, economy.rateFeed, valuesNow(economy))
  const after = charged(before, { rootId, life: leaf.life, total: leaf.total }, cap)
  if (after === undefined) return undefined
  return { escrow: withDeposit(escrow, leaf.account, after.deposit), amount: after.amount }
}

function isSame(one: ChargeLeaf, other: ChargeLeaf): boolean {
  return one.account === other.account && one.life === other.life && one.total === other.total
}
