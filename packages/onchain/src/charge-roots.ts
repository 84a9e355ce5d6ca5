import { escrowAbi } from '@mooring/abis/escrow'
import { paramNumbers } from '@mooring/abis/params'
import type { CapTerms } from '@mooring/market/economy/payments/escrow'
import type { AssetName } from '@mooring/market/settlement/epoch-data'
import type { Hash, Hex } from 'viem'
import { readPart, type System } from './contracts.ts'

/** What escrows say of charge roots and of the accounts that these are about. */

export const escrowOf = { ankr: 'ankrEscrow', usd: 'stableEscrow' } as const satisfies Record<
  AssetName,
  string
>

/** A block that all is asked at, so that nothing that happens meanwhile is seen in part. */
export type AtBlock = { blockNumber: bigint } | { blockHash: Hash }

/** A root that was posted and not disabled. Times are in seconds. */
export type StandingRoot = {
  rootId: bigint
  dataHash: Hex
  periodEnd: bigint
  /** From when on its leaves can be applied; it can be disabled before. */
  applicableAt: bigint
}

export type PostedRoots = {
  /** How many were ever posted, those that were disabled among them. */
  count: bigint
  /** Newest first. */
  standing: StandingRoot[]
}

/** @param rootsMax - Of those that stand, the newest. */
export async function readPostedRoots(
  system: System,
  { asset, at, rootsMax }: { asset: AssetName; at: AtBlock; rootsMax: number },
): Promise<PostedRoots> {
  const escrow = escrowOf[asset]
  const count = await readPart(system, escrow, 'chargeRootCount', [], at)
  const standing: StandingRoot[] = []
  for (let rootId = count; rootId > 0n && standing.length < rootsMax; ) {
    const root = await readPart(system, escrow, 'chargeRootOf', [rootId], at)
    const { periodEnd, applicableAt, disabled, previous } = root
    const dataHash = lowerCase(root.dataHash)
    if (!disabled) standing.push({ rootId, dataHash, periodEnd, applicableAt })
    rootId = previous
  }
  return { count, standing }
}

export function readChargePeriod(system: System, at: AtBlock): Promise<bigint> {
  return readPart(system, 'params', 'get', [paramNumbers.ChargePeriodSeconds], at)
}

/** What caps of a period are made of: the least one in the escrow's asset is that of an empty balance. */
export async function readCapTerms(
  system: System,
  asset: AssetName,
  at: AtBlock,
): Promise<CapTerms> {
  const [min, ppm] = await Promise.all([
    readPart(system, escrowOf[asset], 'periodCapOf', [0n], at),
    readPart(system, 'params', 'get', [paramNumbers.PeriodCapPpm], at),
  ])
  return { min, ppm }
}

/** An account of an escrow, as far as charges go. */
export type EscrowAccount = { life: number; spent: bigint; balance: bigint; open: boolean }

/** A call without an address answers with at most what code may have, 24 KiB; each account takes 416 bytes. */
export const accountsPerCall = 50

/** Asks for up to `accountsPerCall` accounts in one call, in their order. */
export async function readEscrowAccounts(
  { reader, deployment }: System,
  {
    asset,
    accounts,
    blockNumber,
  }: { asset: AssetName; accounts: readonly Hex[]; blockNumber: bigint },
): Promise<EscrowAccount[]> {
  const address = deployment.parts[escrowOf[asset]]
  const found = await reader.multicall({
    contracts: accounts.map((account) => ({
      ...{ address, abi: escrowAbi, functionName: 'accountOf' as const, args: [account] as const },
    })),
    ...{ allowFailure: false, blockNumber },
    // Whatever contracts the chain has.
    ...{ deployless: true, batchSize: 0 },
  })
  return found.map(({ life, spent, balance, open }) => ({ life, spent, balance, open }))
}

/** As files have it; viem gives hashes as the node wrote them. */
function lowerCase(hex: Hex): Hex {
  // The same digits after the same 0x.
  return hex.toLowerCase() as Hex
}
