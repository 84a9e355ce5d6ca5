import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowAbi } from '@mooring/abis/escrow'
import { providerRegistryAbi } from '@mooring/abis/provider-registry'
import { stakingPoolAbi } from '@mooring/abis/staking-pool'

/** ABIs whose errors can come out of a call that moves through several contracts. */
export const poolErrors = [ankrTokenAbi, providerRegistryAbi]
export const registryErrors = [stakingPoolAbi]
export const escrowErrors = [ankrTokenAbi, escrowAbi]
