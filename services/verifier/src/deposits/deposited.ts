import { ankrTokenAbi } from '@mooring/abis/ankr-token'
import { escrowAbi } from '@mooring/abis/escrow'
import type { PartName } from '@mooring/onchain/deploy/plan'
import type { Deployment } from '@mooring/onchain/deployment'
import { type Abi, decodeEventLog, type Hex } from 'viem'
import { lowerCase } from '../chain/lower-case.ts'
import type { LogRead } from './receipt.ts'

/** The contracts that take deposits, and what each is paid in. */
const assetOfEscrow = {
  ankrEscrow: 'ankr',
  stableEscrow: 'stable',
} as const satisfies Partial<Record<PartName, PartName>>
export type EscrowPart = keyof typeof assetOfEscrow
const escrowParts = Object.keys(assetOfEscrow) as EscrowPart[]

/** An escrow of a deployment and its token, in lower case. */
export type Escrow = { part: EscrowPart; address: Hex; asset: Hex }

/** What an escrow says it took in. Addresses and hashes are in lower case. */
export type Deposited = {
  escrow: Escrow
  logIndex: number
  account: Hex
  amount: bigint
  keyCommitment: Hex
  life: number
}

/** @returns Undefined for an address that is no escrow of this deployment, whatever it may look like. */
export function escrowAt({ parts }: Deployment, address: string): Escrow | undefined {
  const part = escrowParts.find((name) => parts[name].toLowerCase() === address.toLowerCase())
  if (part === undefined) return undefined
  return { part, address: lowerCase(address), asset: lowerCase(parts[assetOfEscrow[part]]) }
}

/** @returns Undefined for a log that is no deposit in an escrow of this deployment. */
export function decodeDeposited(deployment: Deployment, log: LogRead): Deposited | undefined {
  const escrow = escrowAt(deployment, log.address)
  if (escrow === undefined) return undefined
  const args = argsOf(log, { abi: escrowAbi, eventName: 'Deposited' })
  if (args === undefined) return undefined
  // As the ABI types them.
  const { account, amount, keyCommitment, life } = args as DepositedArgs
  return {
    ...{ escrow, logIndex: log.logIndex, amount, life },
    account: lowerCase(account),
    keyCommitment: lowerCase(keyCommitment),
  }
}

/** What an escrow says it took in with one transaction, in base units of its asset. */
export function depositedSum(
  deployment: Deployment,
  logs: readonly LogRead[],
  escrow: Escrow,
): bigint {
  return logs
    .map((log) => decodeDeposited(deployment, log))
    .reduce((sum, found) => (found?.escrow.part === escrow.part ? sum + found.amount : sum), 0n)
}

/**
 * What the escrow's own token says that it moved to the escrow in the same transaction. Other tokens do not count, and
 * neither does what the escrow sends to itself.
 */
export function arrivedSum(logs: readonly LogRead[], escrow: Escrow): bigint {
  let sum = 0n
  for (const log of logs) {
    if (log.address.toLowerCase() !== escrow.asset) continue
    const args = argsOf(log, { abi: ankrTokenAbi, eventName: 'Transfer' })
    if (args === undefined) continue
    // As the ABI types them.
    const { from, to, value } = args as { from: Hex; to: Hex; value: bigint }
    if (lowerCase(to) === escrow.address && lowerCase(from) !== escrow.address) sum += value
  }
  return sum
}

type DepositedArgs = { account: Hex; amount: bigint; keyCommitment: Hex; life: number }

function argsOf(
  { topics, data }: LogRead,
  { abi, eventName }: { abi: Abi; eventName: string },
): Readonly<Record<string, unknown>> | undefined {
  try {
    // The first topic is the event's own; without any it is a log of nothing that we know.
    const decoded = decodeEventLog({ abi, data, topics: topics as [Hex, ...Hex[]] })
    // The log may be any other event of the same contract.
    return decoded.eventName === eventName ? { ...decoded.args } : undefined
  } catch {
    return undefined
  }
}
