import { accessManagerAbi } from '@mooring/abis/access-manager'
import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { bootstrapAbi } from '@mooring/abis/bootstrap'
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
import type {
  Abi,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
  Hash,
} from 'viem'
import type { Reader } from './clients.ts'
import type { PartName } from './deploy/plan.ts'
import type { Deployment } from './deployment.ts'
import type { Call } from './send.ts'

/** What each part of a deployment understands. */
export const abiOfPart = {
  bootstrap: bootstrapAbi,
  manager: accessManagerAbi,
  timelock: timelockControllerAbi,
  ankr: ankrTokenAbi,
  stable: localDollarAbi,
  params: paramStoreAbi,
  signerSets: signerSetsAbi,
  rateFeed: rateFeedAbi,
  registry: providerRegistryAbi,
  pool: stakingPoolAbi,
  epochs: epochManagerAbi,
  distributor: rewardDistributorAbi,
  feeRouter: feeRouterAbi,
  ankrEscrow: escrowAbi,
  stableEscrow: escrowAbi,
  priceBook: priceBookAbi,
} as const satisfies Record<PartName, Abi>
export type PartAbi = typeof abiOfPart

/** A call moves through several contracts, so any of their errors may come out of it. */
export const everyAbi: readonly Abi[] = [...new Set<Abi>(Object.values(abiOfPart))]

/** The contracts of one deployment, and a way to ask their chain. */
export type System = { reader: Reader; deployment: Deployment }

type Reads<P extends PartName> = ContractFunctionName<PartAbi[P], 'view' | 'pure'>
type Writes<P extends PartName> = ContractFunctionName<PartAbi[P], 'nonpayable'>

/** Asks a part of the deployment. */
export function readPart<
  P extends PartName,
  F extends Reads<P>,
  const A extends ContractFunctionArgs<PartAbi[P], 'view' | 'pure', F>,
>(
  { reader, deployment }: System,
  part: P,
  functionName: F,
  args: A,
  options: { blockNumber?: bigint } | { blockHash?: Hash } = {},
): Promise<ContractFunctionReturnType<PartAbi[P], 'view' | 'pure', F, A>> {
  const call = {
    ...options,
    address: deployment.parts[part],
    abi: abiOfPart[part] as Abi,
    functionName: functionName as string,
    args: args as readonly unknown[],
  }
  // The types above have checked name and arguments against the ABI; viem's own cannot follow a part that is a parameter.
  return reader.readContract(call) as Promise<
    ContractFunctionReturnType<PartAbi[P], 'view' | 'pure', F, A>
  >
}

/** A call of a part that changes something, ready to be sent. */
export function callPart<
  P extends PartName,
  F extends Writes<P>,
  const A extends ContractFunctionArgs<PartAbi[P], 'nonpayable', F>,
>({ deployment }: Pick<System, 'deployment'>, part: P, functionName: F, args: A): Call {
  return {
    to: deployment.parts[part],
    abi: abiOfPart[part],
    // Checked against the ABI by the types above.
    functionName: functionName as string,
    args: args as readonly unknown[],
    errors: everyAbi,
  }
}
