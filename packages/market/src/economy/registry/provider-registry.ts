import type { Ppm, Seconds } from '@mooring/protocol/units'
import { withEntry } from '../entries.ts'
import { type History, recorded, valueAt } from '../history.ts'
import type { Account } from '../ledger.ts'
import { known } from '../refused.ts'

export type NodeStatus = 'Registered' | 'Candidate' | 'Admitted' | 'Active' | 'Draining' | 'Retired'

export type RegisteredNode = {
  providerId: bigint
  status: NodeStatus
  statusSince: Seconds
  /** When a node drained for want of stake may be retired by anyone; 0 when that is not so. */
  retireAt: Seconds
  signingKey: Account
}

export type RegisteredProvider = {
  owner: Account
  pendingOwner: Account | undefined
  rewardsTo: Account
  jailedUntil: Seconds
  operators: ReadonlySet<Account>
  /** By the epoch each begins with; the newest may be waiting for it. */
  commissions: History<Ppm>
  nodes: readonly bigint[]
  /** In the order of their activation; the last is drained first. */
  activeNodes: readonly bigint[]
}

/** Ids count from 1 without gaps, so the size of a map is the number given last. */
export type ProviderRegistry = {
  providers: ReadonlyMap<bigint, RegisteredProvider>
  nodes: ReadonlyMap<bigint, RegisteredNode>
  /** The node that a key signs or signed for, for ever. */
  keys: ReadonlyMap<Account, bigint>
}

export const emptyRegistry: ProviderRegistry = {
  providers: new Map(),
  nodes: new Map(),
  keys: new Map(),
}

export function providerOf(registry: ProviderRegistry, providerId: bigint): RegisteredProvider {
  return known(registry.providers.get(providerId), 'ProviderRegistryUnknownProvider')
}

export function nodeOf(registry: ProviderRegistry, nodeId: bigint): RegisteredNode {
  return known(registry.nodes.get(nodeId), 'ProviderRegistryUnknownNode')
}

export function withProvider(
  registry: ProviderRegistry,
  providerId: bigint,
  provider: RegisteredProvider,
): ProviderRegistry {
  return { ...registry, providers: withEntry(registry.providers, providerId, provider) }
}

export function withNode(
  registry: ProviderRegistry,
  nodeId: bigint,
  node: RegisteredNode,
): ProviderRegistry {
  return { ...registry, nodes: withEntry(registry.nodes, nodeId, node) }
}

export function isJailed({ jailedUntil }: RegisteredProvider, now: Seconds): boolean {
  return now < jailedUntil
}

export function mayOperate({ owner, operators }: RegisteredProvider, caller: Account): boolean {
  return caller === owner || operators.has(caller)
}

/** Commission in force when an epoch begins; before the first one named, the first. */
export function commissionAt({ commissions }: RegisteredProvider, epoch: bigint): Ppm {
  return valueAt(commissions, epoch) ?? oldestOf(commissions)
}

/** The provider with a commission that begins with an epoch to come. */
export function withCommission(
  provider: RegisteredProvider,
  fromEpoch: bigint,
  commissionPpm: Ppm,
): RegisteredProvider {
  const commissions = recorded(provider.commissions, fromEpoch, commissionPpm)
  return { ...provider, commissions }
}

/** Takes out what self-stake does not cover any more, newest first. */
export function splitActive(
  activeNodes: readonly bigint[],
  covered: bigint,
): { kept: readonly bigint[]; drained: readonly bigint[] } {
  const count = covered < BigInt(activeNodes.length) ? Number(covered) : activeNodes.length
  return { kept: activeNodes.slice(0, count), drained: activeNodes.slice(count).toReversed() }
}

function oldestOf<T>(history: History<T>): T {
  let record = history
  while (record.earlier !== undefined) record = record.earlier
  return record.value
}
