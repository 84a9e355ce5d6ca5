import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { paramStoreAbi } from '@mooring/abis/param-store'
import { type ParamName, paramNumbers } from '@mooring/abis/params'
import { providerRegistryAbi } from '@mooring/abis/provider-registry'
import { stakingPoolAbi } from '@mooring/abis/staking-pool'
import { type Address, isAddress, getAddress } from 'viem'
import { CommandError } from '../exit-codes.ts'
import { formatAnkr } from './amounts.ts'
import type { Step } from './intent.ts'
import type { System } from './system.ts'

/** The numbers of `StakeKind` on chain. */
export const stakeKinds = { delegated: 0, self: 1 } as const
export type StakeKind = keyof typeof stakeKinds

export function readParam({ reader, deployment }: System, name: ParamName): Promise<bigint> {
  return reader.readContract({
    address: deployment.parts.params,
    abi: paramStoreAbi,
    functionName: 'get',
    args: [paramNumbers[name]],
  })
}

export function readEpoch({ reader, deployment }: System): Promise<bigint> {
  return reader.readContract({
    address: deployment.parts.params,
    abi: paramStoreAbi,
    functionName: 'currentEpoch',
  })
}

export function readEpochStart({ reader, deployment }: System, epoch: bigint): Promise<bigint> {
  return reader.readContract({
    address: deployment.parts.params,
    abi: paramStoreAbi,
    functionName: 'epochStart',
    args: [epoch],
  })
}

/** A provider as the registry knows it; refuses an id that nobody has. */
export async function readProvider({ reader, deployment }: System, providerId: bigint) {
  const contract = { address: deployment.parts.registry, abi: providerRegistryAbi } as const
  const exists = await reader.readContract({ ...contract, functionName: 'exists', args: [providerId] })
  if (!exists) {
    throw new CommandError(
      'badInput',
      `There is no provider ${providerId}: \`npx mooring provider list\` shows those there are.`,
    )
  }
  return reader.readContract({ ...contract, functionName: 'providerOf', args: [providerId] })
}

export async function readCommission(system: System, providerId: bigint, epoch: bigint): Promise<bigint> {
  return system.reader.readContract({
    address: system.deployment.parts.registry,
    abi: providerRegistryAbi,
    functionName: 'commissionAt',
    args: [providerId, epoch],
  })
}

/** Active stake of a bucket, in base units of ANKR. */
export function readActive({ reader, deployment }: System, providerId: bigint, kind: StakeKind): Promise<bigint> {
  return reader.readContract({
    address: deployment.parts.pool,
    abi: stakingPoolAbi,
    functionName: 'activeOf',
    args: [providerId, stakeKinds[kind]],
  })
}

export function readBucket({ reader, deployment }: System, providerId: bigint, kind: StakeKind) {
  return reader.readContract({
    address: deployment.parts.pool,
    abi: stakingPoolAbi,
    functionName: 'bucketOf',
    args: [providerId, stakeKinds[kind]],
  })
}

export function readBalance({ reader }: System, token: Address, holder: Address): Promise<bigint> {
  return reader.readContract({
    address: token,
    abi: ankrTokenAbi,
    functionName: 'balanceOf',
    args: [holder],
  })
}

/** The approval a payment needs, or nothing when it stands already. */
export async function approvalFor(
  { reader }: System,
  payment: { token: Address; owner: Address; spender: Address; amount: bigint; printed: string },
): Promise<Step[]> {
  const { token, owner, spender, amount, printed } = payment
  const allowance = await reader.readContract({
    address: token,
    abi: ankrTokenAbi,
    functionName: 'allowance',
    args: [owner, spender],
  })
  if (allowance >= amount) return []
  return [
    {
      label: `approve ${printed}`,
      to: token,
      abi: ankrTokenAbi,
      functionName: 'approve',
      args: [spender, amount],
    },
  ]
}

/** Refuses a payment that the account cannot make, before anything is signed. */
export async function assertAffordable(
  system: System,
  payment: { token: Address; owner: Address; amount: bigint; print: (amount: bigint) => string },
): Promise<void> {
  const balance = await readBalance(system, payment.token, payment.owner)
  if (balance >= payment.amount) return
  throw new CommandError(
    'badInput',
    `${payment.owner} has ${payment.print(balance)} and would need ${payment.print(payment.amount)}.`,
  )
}

export const printAnkr = formatAnkr

export function parseId(text: string, what: string): bigint {
  if (/^[1-9]\d{0,18}$/.test(text)) return BigInt(text)
  throw new CommandError('badInput', `${JSON.stringify(text)} is no ${what}: it is a number from 1 on.`)
}

export function parseAddress(text: string, what: string): Address {
  if (isAddress(text, { strict: false })) return getAddress(text)
  throw new CommandError(
    'badInput',
    `${JSON.stringify(text)} is no ${what}: an address is 0x and 40 hexadecimal digits.`,
  )
}
