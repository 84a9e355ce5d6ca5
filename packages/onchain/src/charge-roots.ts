import { paramNumbers } from '@mooring/abis/params'
import type { CapTerms } from '@mooring/market/economy/payments/escrow'
import type { AssetName } from '@mooring/market/settlement/epoch-data'
import type { Hash, Hex } from 'viem'
import { readPart, type System } from './contracts.ts'
import { readMany } from './read-many.ts'

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
  root: Hex
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

/** Roots that stand, the newest first, all of one block. @param count - How many were ever posted. */
export async function* readRootsBack(
  system: System,
  { asset, count, at }: { asset: AssetName; count: bigint; at: AtBlock },
): AsyncGenerator<StandingRoot> {
  for (let rootId = count; rootId > 0n; ) {
    const found = await readPart(system, escrowOf[asset], 'chargeRootOf', [rootId], at)
    const { root, dataHash, periodEnd, applicableAt, disabled, previous } = found
    const hashes = { root: lowerCase(root), dataHash: lowerCase(dataHash) }
    if (!disabled) yield { rootId, ...hashes, periodEnd, applicableAt }
    rootId = previous
  }
}

/** @param rootsMax - Of those that stand, the newest. */
export async function readPostedRoots(
  system: System,
  { asset, at, rootsMax }: { asset: AssetName; at: AtBlock; rootsMax: number },
): Promise<PostedRoots> {
  const count = await readPart(system, escrowOf[asset], 'chargeRootCount', [], at)
  const standing: StandingRoot[] = []
  for await (const root of readRootsBack(system, { asset, count, at })) {
    standing.push(root)
    if (standing.length === rootsMax) break
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

/** Accounts of an escrow in one block, in their order. */
export async function readEscrowAccounts(
  system: System,
  {
    asset,
    accounts,
    blockNumber,
  }: { asset: AssetName; accounts: readonly Hex[]; blockNumber: bigint },
): Promise<EscrowAccount[]> {
  const question = { part: escrowOf[asset], functionName: 'accountOf', blockNumber } as const
  const found = await readMany(
    system,
    question,
    accounts.map((account) => [account] as const),
  )
  return found.map(({ life, spent, balance, open }) => ({ life, spent, balance, open }))
}

/** As files have it; viem gives hashes as the node wrote them. */
function lowerCase(hex: Hex): Hex {
  // The same digits after the same 0x.
  return hex.toLowerCase() as Hex
}
