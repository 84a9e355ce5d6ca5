import { paramNumbers } from '@mooring/abis/params'
import type { ServingRule, StakedProvider } from '@mooring/market/discovery/serving'
import { type Address, type Hash, type Hex, hexToString } from 'viem'
import { readPart, type System } from './contracts.ts'
import { nodeTypes } from './node-names.ts'

/** Numbers of `StakeKind`. */
const selfStake = 1

/** What the chain says of a node that is active. */
export type ActiveNode = {
  nodeId: bigint
  providerId: bigint
  signingKey: Address
  urlHash: Hex
  type: 'archive' | 'full' | 'light'
  /** Names of chains, as the provider wrote them. */
  chains: readonly string[]
  /** Where the signed endpoint stands: the node's own, or the provider's where it has none; may be empty. */
  metadataUri: string
}

export type ProviderReading = StakedProvider & { nodes: readonly ActiveNode[] }

/** What decides whether a provider's nodes serve, all of it at one block. Undefined for one that has no active node. */
export async function readStakedProvider(
  system: System,
  providerId: bigint,
  at: { blockHash: Hash },
): Promise<ProviderReading | undefined> {
  const exists = await readPart(system, 'registry', 'exists', [providerId], at)
  const activeNodeIds = exists
    ? await readPart(system, 'registry', 'activeNodesOf', [providerId], at)
    : []
  if (activeNodeIds.length === 0) return undefined
  const [{ jailedUntil, metadataUri }, self, delegated, nodes] = await Promise.all([
    readPart(system, 'registry', 'providerOf', [providerId], at),
    readPart(system, 'pool', 'activeOf', [providerId, selfStake], at),
    readPart(system, 'pool', 'countedDelegationOf', [providerId], at),
    Promise.all(activeNodeIds.map((nodeId) => readNode(system, nodeId, at))),
  ])
  return {
    ...{ providerId, activeNodeIds, selfStake: self, countedDelegation: delegated },
    jailedUntilSeconds: jailedUntil,
    nodes: nodes.map((node) => ({ ...node, metadataUri: node.metadataUri || metadataUri })),
  }
}

/** The parameters and the time that providers are judged by, at one block. */
export async function readServingRule(
  system: System,
  at: { blockHash: Hash },
): Promise<ServingRule> {
  const [selfStakePerNode, { timestamp }] = await Promise.all([
    readPart(system, 'params', 'get', [paramNumbers.SelfStakePerNode], at),
    system.reader.getBlock({ blockHash: at.blockHash }),
  ])
  return { selfStakePerNode, nowSeconds: timestamp }
}

async function readNode(
  system: System,
  nodeId: bigint,
  at: { blockHash: Hash },
): Promise<ActiveNode> {
  const [{ providerId, signingKey }, profile] = await Promise.all([
    readPart(system, 'registry', 'nodeOf', [nodeId], at),
    readPart(system, 'registry', 'profileOf', [nodeId], at),
  ])
  const type = nodeTypes[profile.nodeType] ?? 'none'
  return {
    ...{ nodeId, providerId, signingKey },
    urlHash: profile.urlHash,
    // The registry takes none of them without a type; a type it learned later promises nothing here.
    type: type === 'none' ? 'light' : type,
    chains: profile.chains.map((name) => hexToString(name, { size: 32 })),
    metadataUri: profile.metadataUri,
  }
}
