import type { Economy } from '../economy.ts'
import type { Account } from '../ledger.ts'
import { known, type Problems } from '../refused.ts'
import type { RegisteredProvider } from '../registry/provider-registry.ts'

/** The provider as the pool asks for it: with an error of its own. */
export function stakedProvider({ registry }: Economy, providerId: bigint): RegisteredProvider {
  return known(registry.providers.get(providerId), 'StakingPoolUnknownProvider')
}

/** Self-stake belongs to the provider, whoever owns it now. */
export function ownerCheck(economy: Economy, caller: Account, providerId: bigint): Problems {
  return { StakingPoolNotOwner: stakedProvider(economy, providerId).owner !== caller }
}
