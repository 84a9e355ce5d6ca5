import { expect, test } from 'bun:test'
import { accessManagerAbi } from '@mooring/abis/access-manager'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { epochManagerAbi } from '@mooring/abis/epoch-manager'
import { escrowAbi } from '@mooring/abis/escrow'
import { feeRouterAbi } from '@mooring/abis/fee-router'
import { paramStoreAbi } from '@mooring/abis/param-store'
import { paramNumbers } from '@mooring/abis/params'
import { providerRegistryAbi } from '@mooring/abis/provider-registry'
import { rateFeedAbi } from '@mooring/abis/rate-feed'
import { rewardDistributorAbi } from '@mooring/abis/reward-distributor'
import { signerSetsAbi } from '@mooring/abis/signer-sets'
import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import { contractErrors } from './contract-errors.ts'
import { paramNames } from './parameters/sheet.ts'

test('every error that the model foretells is one of the contracts', () => {
  const abis = [
    accessManagerAbi,
    ankrTokenAbi,
    epochManagerAbi,
    escrowAbi,
    feeRouterAbi,
    paramStoreAbi,
    providerRegistryAbi,
    rateFeedAbi,
    rewardDistributorAbi,
    signerSetsAbi,
    stakingPoolAbi,
  ]
  const errors = new Set<string>(
    abis.flatMap((abi) => abi.flatMap((entry) => (entry.type === 'error' ? [entry.name] : []))),
  )
  expect(contractErrors.filter((name) => !errors.has(name))).toEqual([])
})

test('the rows of the sheet stand in the order of the contract’s storage', () => {
  const numbers = paramNames.map((name): number => paramNumbers[name])
  expect(numbers).toEqual(paramNames.map((_, place) => place))
  expect(Object.keys(paramNumbers).length).toBe(paramNames.length)
})
