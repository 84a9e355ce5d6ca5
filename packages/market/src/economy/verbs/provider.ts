import type { Ppm, Seconds } from '@mooring/protocol/units'
import { type Economy, epochNow, requireRole, type Verb, valuesNow } from '../economy.ts'
import { type Account, nobody } from '../ledger.ts'
import { refuseIf } from '../refused.ts'
import {
  commissionAt,
  providerOf,
  type RegisteredProvider,
  withCommission,
  withProvider,
} from '../registry/provider-registry.ts'

export type RegisterProviderArgs = { rewardsTo: Account; commissionPpm: Ppm }

export const registerProvider: Verb<RegisterProviderArgs> = (economy, caller, args) => {
  const { rewardsTo, commissionPpm } = args
  refuseIf({
    ProviderRegistryZeroAddress: rewardsTo === nobody,
    ProviderRegistryCommissionTooHigh: commissionPpm > valuesNow(economy).CommissionMaxPpm,
  })
  const provider: RegisteredProvider = {
    owner: caller,
    pendingOwner: undefined,
    rewardsTo,
    jailedUntil: 0n,
    operators: new Set(),
    commissions: { from: epochNow(economy), value: commissionPpm, earlier: undefined },
    nodes: [],
    activeNodes: [],
  }
  const providerId = BigInt(economy.registry.providers.size) + 1n
  return { ...economy, registry: withProvider(economy.registry, providerId, provider) }
}

export type OfferOwnershipArgs = { providerId: bigint; to: Account }

/** Replaces an earlier offer; to nobody takes it back. */
export const offerOwnership: Verb<OfferOwnershipArgs> = (economy, caller, { providerId, to }) => {
  const provider = ownedBy(economy, caller, providerId)
  const pendingOwner = to === nobody ? undefined : to
  return withChanged(economy, providerId, { ...provider, pendingOwner })
}

export type AcceptOwnershipArgs = { providerId: bigint }

/** The former owner's operators lapse with it. */
export const acceptOwnership: Verb<AcceptOwnershipArgs> = (economy, caller, { providerId }) => {
  const provider = providerOf(economy.registry, providerId)
  refuseIf({ ProviderRegistryNotOwner: provider.pendingOwner !== caller })
  const owned = {
    ...provider,
    owner: caller,
    pendingOwner: undefined,
    operators: new Set<Account>(),
  }
  return withChanged(economy, providerId, owned)
}

export type SetRewardsToArgs = { providerId: bigint; rewardsTo: Account }

export const setRewardsTo: Verb<SetRewardsToArgs> = (economy, caller, args) => {
  const { providerId, rewardsTo } = args
  const provider = ownedBy(economy, caller, providerId)
  refuseIf({ ProviderRegistryZeroAddress: rewardsTo === nobody })
  return withChanged(economy, providerId, { ...provider, rewardsTo })
}

export type SetOperatorArgs = { providerId: bigint; operator: Account; allowed: boolean }

export const setOperator: Verb<SetOperatorArgs> = (economy, caller, args) => {
  const { providerId, operator, allowed } = args
  const provider = ownedBy(economy, caller, providerId)
  refuseIf({ ProviderRegistryZeroAddress: operator === nobody })
  const operators = new Set(provider.operators)
  if (allowed) operators.add(operator)
  else operators.delete(operator)
  return withChanged(economy, providerId, { ...provider, operators })
}

export type AnnounceCommissionArgs = { providerId: bigint; commissionPpm: Ppm }

/** A cut comes with the next epoch, a rise after whole epochs of notice, so that nobody is surprised by it. */
export const announceCommission: Verb<AnnounceCommissionArgs> = (economy, caller, args) => {
  const { providerId, commissionPpm } = args
  const provider = ownedBy(economy, caller, providerId)
  const epoch = epochNow(economy)
  const values = valuesNow(economy)
  const current = commissionAt(provider, epoch)
  const risePpm = commissionPpm - current
  refuseIf({
    ProviderRegistryCommissionTooHigh: commissionPpm > values.CommissionMaxPpm,
    ProviderRegistryCommissionRiseTooBig: risePpm > values.CommissionRiseMaxPpm,
    ProviderRegistryCommissionWaiting: provider.commissions.from > epoch,
    ProviderRegistryCommissionUnchanged: risePpm === 0n,
  })
  const next = epoch + 1n
  const fromEpoch = risePpm > 0n ? next + values.CommissionNoticeEpochs : next
  return withChanged(economy, providerId, withCommission(provider, fromEpoch, commissionPpm))
}

export type JailArgs = { providerId: bigint; until: Seconds }

/** Never shortens a term. */
export const jail: Verb<JailArgs> = (economy, caller, { providerId, until }) => {
  requireRole(economy, 'slasher', caller)
  const provider = providerOf(economy.registry, providerId)
  refuseIf({
    ProviderRegistryJailTooLong: until > economy.now + valuesNow(economy).JailSecondsMax,
    ProviderRegistryJailOver: until <= economy.now,
  })
  if (until <= provider.jailedUntil) return economy
  return withChanged(economy, providerId, { ...provider, jailedUntil: until })
}

function ownedBy(economy: Economy, caller: Account, providerId: bigint): RegisteredProvider {
  const provider = providerOf(economy.registry, providerId)
  refuseIf({ ProviderRegistryNotOwner: provider.owner !== caller })
  return provider
}

function withChanged(economy: Economy, providerId: bigint, provider: RegisteredProvider): Economy {
  return { ...economy, registry: withProvider(economy.registry, providerId, provider) }
}
