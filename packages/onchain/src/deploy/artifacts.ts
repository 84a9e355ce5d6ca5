import { accessManagerAbi } from '@mooring/abis/access-manager'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { bootstrapAbi } from '@mooring/abis/bootstrap'
import { accessManagerBytecode } from '@mooring/abis/bytecode/access-manager'
import { ankrTokenBytecode } from '@mooring/abis/bytecode/ankr-token'
import { bootstrapBytecode } from '@mooring/abis/bytecode/bootstrap'
import { epochManagerBytecode } from '@mooring/abis/bytecode/epoch-manager'
import { escrowBytecode } from '@mooring/abis/bytecode/escrow'
import { feeRouterBytecode } from '@mooring/abis/bytecode/fee-router'
import { localDollarBytecode } from '@mooring/abis/bytecode/local-dollar'
import { paramStoreBytecode } from '@mooring/abis/bytecode/param-store'
import { priceBookBytecode } from '@mooring/abis/bytecode/price-book'
import { providerRegistryBytecode } from '@mooring/abis/bytecode/provider-registry'
import { rateFeedBytecode } from '@mooring/abis/bytecode/rate-feed'
import { rewardDistributorBytecode } from '@mooring/abis/bytecode/reward-distributor'
import { signerSetsBytecode } from '@mooring/abis/bytecode/signer-sets'
import { stakingPoolBytecode } from '@mooring/abis/bytecode/staking-pool'
import { timelockControllerBytecode } from '@mooring/abis/bytecode/timelock-controller'
import { epochManagerAbi } from '@mooring/abis/epoch-manager'
import { escrowAbi } from '@mooring/abis/escrow'
import { feeRouterAbi } from '@mooring/abis/fee-router'
import { localDollarAbi } from '@mooring/abis/local-dollar'
import { paramStoreAbi } from '@mooring/abis/param-store'
import { priceBookAbi } from '@mooring/abis/price-book'
import { providerRegistryAbi } from '@mooring/abis/provider-registry'
import { rateFeedAbi } from '@mooring/abis/rate-feed'
import { rewardDistributorAbi } from '@mooring/abis/reward-distributor'
import { signerSetsAbi } from '@mooring/abis/signer-sets'
import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import { timelockControllerAbi } from '@mooring/abis/timelock-controller'

/** What the contracts of a deployment are created from. */
export const artifacts = {
  accessManager: { abi: accessManagerAbi, bytecode: accessManagerBytecode },
  ankrToken: { abi: ankrTokenAbi, bytecode: ankrTokenBytecode },
  bootstrap: { abi: bootstrapAbi, bytecode: bootstrapBytecode },
  epochManager: { abi: epochManagerAbi, bytecode: epochManagerBytecode },
  escrow: { abi: escrowAbi, bytecode: escrowBytecode },
  feeRouter: { abi: feeRouterAbi, bytecode: feeRouterBytecode },
  localDollar: { abi: localDollarAbi, bytecode: localDollarBytecode },
  paramStore: { abi: paramStoreAbi, bytecode: paramStoreBytecode },
  priceBook: { abi: priceBookAbi, bytecode: priceBookBytecode },
  providerRegistry: { abi: providerRegistryAbi, bytecode: providerRegistryBytecode },
  rateFeed: { abi: rateFeedAbi, bytecode: rateFeedBytecode },
  rewardDistributor: { abi: rewardDistributorAbi, bytecode: rewardDistributorBytecode },
  signerSets: { abi: signerSetsAbi, bytecode: signerSetsBytecode },
  stakingPool: { abi: stakingPoolAbi, bytecode: stakingPoolBytecode },
  timelockController: { abi: timelockControllerAbi, bytecode: timelockControllerBytecode },
} as const
