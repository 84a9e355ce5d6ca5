import type { Hex } from '@mooring/market/settlement/bytes'
import type { EpochData, Tariff } from '@mooring/market/settlement/epoch-data'
import { readPart, type System } from '@mooring/onchain/contracts'
import { gatewayRole } from '@mooring/onchain/epoch-on-chain'
import { mapLimited } from '../checks/map-limited.ts'
import { type DueEpoch, lowerCase } from './due-epoch.ts'

/** What an epoch's file says of the chain. All of it was so in the file's block, and anybody can read it there again. */

/** Questions to the node at once. */
const atOnceMax = 16

export function deploymentOf({ deployment }: System): EpochData['deployment'] {
  const { chainId, parts } = deployment
  return {
    chainId,
    registry: lowerCase(parts.registry),
    epochs: lowerCase(parts.epochs),
    distributor: lowerCase(parts.distributor),
    ankrEscrow: lowerCase(parts.ankrEscrow),
    stableEscrow: lowerCase(parts.stableEscrow),
  }
}

export async function readSpan(
  system: System,
  { number, first, block }: DueEpoch,
): Promise<Pick<EpochData, 'epoch' | 'state'>> {
  const at = { blockNumber: block.number }
  const [from, to, fundedTotal] = await Promise.all([
    readPart(system, 'params', 'epochStart', [first], at),
    readPart(system, 'params', 'epochStart', [number + 1n], at),
    readPart(system, 'distributor', 'fundedTotal', [], at),
  ])
  return {
    epoch: { number, from, to },
    state: { block: block.number, hash: lowerCase(block.hash), fundedTotal },
  }
}

/** From the last epoch back: each table says since when it holds. */
export async function readTariffs(
  system: System,
  { number, first, block }: DueEpoch,
): Promise<Tariff[]> {
  const tariffs: Tariff[] = []
  for (let last = number; last >= first; ) {
    const at = { blockNumber: block.number }
    const { hash, firstEpoch } = await readPart(system, 'priceBook', 'tableAt', [last], at)
    const fromEpoch = firstEpoch > first ? firstEpoch : first
    tariffs.unshift({ fromEpoch, hash: lowerCase(hash) })
    last = fromEpoch - 1n
  }
  return tariffs
}

export type RegisteredNode = { nodeId: bigint; providerId: bigint; signingKey: Hex }

/** Those of the given ones that the registry has, by their number. */
export async function readNodes(
  system: System,
  nodeIds: ReadonlySet<bigint>,
  { block }: DueEpoch,
): Promise<Map<bigint, RegisteredNode>> {
  const at = { blockNumber: block.number }
  const count = await readPart(system, 'registry', 'nodeCount', [], at)
  const known = [...nodeIds].filter((nodeId) => nodeId >= 1n && nodeId <= count)
  const nodes = await mapLimited(known, atOnceMax, async (nodeId) => {
    const { providerId, signingKey } = await readPart(system, 'registry', 'nodeOf', [nodeId], at)
    return { nodeId, providerId, signingKey: lowerCase(signingKey) }
  })
  return new Map(nodes.map((node) => [node.nodeId, node]))
}

/** Whose each key is; 0 is nobody's. */
export async function readKeyOwners(
  system: System,
  keys: ReadonlySet<Hex>,
  { block }: DueEpoch,
): Promise<Map<Hex, bigint>> {
  const at = { blockNumber: block.number }
  const owners = await mapLimited([...keys], atOnceMax, async (key) => {
    const owner = await readPart(system, 'registry', 'nodeOfKey', [key], at)
    return [key, owner] as const
  })
  return new Map(owners)
}

export async function readGateways(system: System, { block }: DueEpoch): Promise<Set<Hex>> {
  const at = { blockNumber: block.number }
  const [members] = await readPart(system, 'signerSets', 'membersOf', [gatewayRole], at)
  return new Set(members.map(lowerCase))
}
