import type { ParamName } from '@mooring/abis/params'
import { paramNumbers } from '@mooring/abis/params'
import { callPart, readPart, type System } from '@mooring/onchain/contracts'
import type { Address } from 'viem'
import { CommandError } from '../exit-codes.ts'
import { type Asset, formatAsset } from './amounts.ts'
import type { Step } from './intent.ts'
import { contractTitle } from './part-names.ts'

/** The numbers of `StakeKind` on chain. */
export const stakeKinds = { delegated: 0, self: 1 } as const
export type StakeKind = keyof typeof stakeKinds

export function readParam(system: System, name: ParamName): Promise<bigint> {
  return readPart(system, 'params', 'get', [paramNumbers[name]])
}

export function readEpoch(system: System): Promise<bigint> {
  return readPart(system, 'params', 'currentEpoch', [])
}

/** Time of the newest block, in seconds: the clock every date on chain is compared with. */
export async function readNow({ reader }: System): Promise<bigint> {
  const { timestamp } = await reader.getBlock()
  return timestamp
}

/** A provider as the registry knows it; refuses an id that nobody has. */
export async function readProvider(system: System, providerId: bigint) {
  if (!(await readPart(system, 'registry', 'exists', [providerId]))) {
    throw new CommandError(
      'badInput',
      `There is no provider ${providerId}: \`npx mooring provider list\` shows those there are.`,
    )
  }
  return readPart(system, 'registry', 'providerOf', [providerId])
}

/** A node as the registry knows it; refuses an id that nobody has. */
export async function readNode(system: System, nodeId: bigint) {
  const count = await readPart(system, 'registry', 'nodeCount', [])
  if (nodeId < 1n || nodeId > count) {
    throw new CommandError(
      'badInput',
      `There is no node ${nodeId}: \`npx mooring provider show ID\` lists those of a provider.`,
    )
  }
  return readPart(system, 'registry', 'nodeOf', [nodeId])
}

/** Refuses a payment that the account cannot make, and gives the approval it needs, or nothing when it stands. */
export async function approvalFor(
  system: System,
  payment: {
    asset: Asset
    owner: Address
    spender: 'pool' | Asset['escrow'] | 'feeRouter' | 'signerSets'
    amount: bigint
  },
): Promise<Step[]> {
  const { asset, owner, amount } = payment
  const spender = system.deployment.parts[payment.spender]
  const [balance, allowance] = await Promise.all([
    readPart(system, asset.part, 'balanceOf', [owner]),
    readPart(system, asset.part, 'allowance', [owner, spender]),
  ])
  if (balance < amount) {
    throw new CommandError(
      'badInput',
      `${owner} has ${formatAsset(balance, asset)} and would need ${formatAsset(amount, asset)}.`,
    )
  }
  if (allowance >= amount) return []
  const approve = (most: bigint): Step => ({
    ...callPart(system, asset.part, 'approve', [spender, most]),
    label: `let ${contractTitle(system.deployment, spender)} take ${formatAsset(most, asset)}`,
  })
  // Some stablecoins refuse to change an allowance that is not zero.
  const isStubborn = asset.part === 'stable' && allowance > 0n
  return [...(isStubborn ? [approve(0n)] : []), approve(amount)]
}
