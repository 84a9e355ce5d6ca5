import { type Economy, requireRole, type Verb, valuesNow } from '../economy.ts'
import { withEntry } from '../entries.ts'
import { type Account, nobody } from '../ledger.ts'
import { refuseIf } from '../refused.ts'
import {
  isJailed,
  mayOperate,
  type NodeStatus,
  nodeOf,
  providerOf,
  type RegisteredNode,
  withNode,
  withProvider,
} from '../registry/provider-registry.ts'
import { activeOf } from '../staking/staking-pool.ts'

export type RegisterNodeArgs = { providerId: bigint; signingKey: Account }

/** The proof that the provider has the key, and what it says of the node, are no part of the model. */
export const registerNode: Verb<RegisterNodeArgs> = (economy, caller, args) => {
  const { providerId, signingKey } = args
  const provider = providerOf(economy.registry, providerId)
  refuseIf({
    ProviderRegistryNotOperator: !mayOperate(provider, caller),
    ...keyCheck(economy, signingKey),
  })
  const node: RegisteredNode = {
    providerId,
    status: 'Registered',
    statusSince: economy.now,
    retireAt: 0n,
    signingKey,
  }
  const nodeId = BigInt(economy.registry.nodes.size) + 1n
  const nodes = [...provider.nodes, nodeId]
  const registry = withProvider(economy.registry, providerId, { ...provider, nodes })
  const keys = withEntry(registry.keys, signingKey, nodeId)
  return { ...economy, registry: { ...withNode(registry, nodeId, node), keys } }
}

export type RotateNodeKeyArgs = { nodeId: bigint; signingKey: Account }

/** The old key stays bound to the node, and with it the node's liability for what it signed. */
export const rotateNodeKey: Verb<RotateNodeKeyArgs> = (economy, caller, args) => {
  const { nodeId, signingKey } = args
  const node = operatedBy(economy, caller, nodeId)
  refuseIf({
    ...keyCheck(economy, signingKey),
    ProviderRegistryWrongStatus: node.status === 'Retired',
  })
  const registry = withNode(economy.registry, nodeId, { ...node, signingKey })
  const keys = withEntry(registry.keys, signingKey, nodeId)
  return { ...economy, registry: { ...registry, keys } }
}

export type NodeArgs = { nodeId: bigint }

export const requestAudit: Verb<NodeArgs> = (economy, caller, { nodeId }) => {
  const node = operatedBy(economy, caller, nodeId)
  return withStatus(economy, nodeId, { node, from: ['Registered'], to: 'Candidate' })
}

export const admitNode: Verb<NodeArgs> = (economy, caller, { nodeId }) => {
  requireRole(economy, 'admissions', caller)
  const node = nodeOf(economy.registry, nodeId)
  return withStatus(economy, nodeId, { node, from: ['Candidate'], to: 'Admitted' })
}

export const rejectNode: Verb<NodeArgs> = (economy, caller, { nodeId }) => {
  requireRole(economy, 'admissions', caller)
  const node = nodeOf(economy.registry, nodeId)
  return withStatus(economy, nodeId, { node, from: ['Candidate'], to: 'Registered' })
}

export const activateNode: Verb<NodeArgs> = (economy, caller, { nodeId }) => {
  const node = operatedBy(economy, caller, nodeId)
  const provider = providerOf(economy.registry, node.providerId)
  const count = BigInt(provider.activeNodes.length) + 1n
  const { NodesPerProviderMax, SelfStakePerNode } = valuesNow(economy)
  const needed = count * SelfStakePerNode
  refuseIf({
    ProviderRegistryWrongStatus: node.status !== 'Admitted' && node.status !== 'Draining',
    ProviderRegistryJailed: isJailed(provider, economy.now),
    ProviderRegistryTooManyNodes: count > NodesPerProviderMax,
    ProviderRegistrySelfStakeTooSmall: activeOf(economy.pool, node.providerId, 'Self') < needed,
  })
  const from: NodeStatus[] = ['Admitted', 'Draining']
  const active = withStatus(economy, nodeId, { node, from, to: 'Active' })
  const activeNodes = [...provider.activeNodes, nodeId]
  return withActiveNodes(active, node.providerId, activeNodes)
}

export const drainNode: Verb<NodeArgs> = (economy, caller, { nodeId }) => {
  const node = operatedBy(economy, caller, nodeId)
  const drained = withStatus(economy, nodeId, { node, from: ['Active'], to: 'Draining' })
  const { activeNodes } = providerOf(economy.registry, node.providerId)
  const others = activeNodes.filter((active) => active !== nodeId)
  return withActiveNodes(drained, node.providerId, others)
}

/** By its provider unless it is active; by anyone when it was short of stake and its time is over. */
export const retireNode: Verb<NodeArgs> = (economy, caller, { nodeId }) => {
  const node = nodeOf(economy.registry, nodeId)
  const provider = providerOf(economy.registry, node.providerId)
  const from: NodeStatus[] = ['Registered', 'Candidate', 'Admitted', 'Draining']
  const isOutsider = !mayOperate(provider, caller)
  refuseIf({
    ProviderRegistryWrongStatus: !from.includes(node.status),
    ProviderRegistryNotOperator: isOutsider && node.retireAt === 0n,
    ProviderRegistryRetireTooEarly: isOutsider && economy.now < node.retireAt,
  })
  return withStatus(economy, nodeId, { node, from, to: 'Retired' })
}

function operatedBy(economy: Economy, caller: Account, nodeId: bigint): RegisteredNode {
  const node = nodeOf(economy.registry, nodeId)
  const provider = providerOf(economy.registry, node.providerId)
  refuseIf({ ProviderRegistryNotOperator: !mayOperate(provider, caller) })
  return node
}

function keyCheck({ registry }: Economy, signingKey: Account) {
  return {
    ProviderRegistryZeroAddress: signingKey === nobody,
    ProviderRegistryKeyTaken: registry.keys.has(signingKey),
  }
}

type Change = { node: RegisteredNode; from: readonly NodeStatus[]; to: NodeStatus }

function withStatus(economy: Economy, nodeId: bigint, { node, from, to }: Change): Economy {
  refuseIf({ ProviderRegistryWrongStatus: !from.includes(node.status) })
  const changed = { ...node, status: to, statusSince: economy.now, retireAt: 0n }
  return { ...economy, registry: withNode(economy.registry, nodeId, changed) }
}

function withActiveNodes(
  economy: Economy,
  providerId: bigint,
  activeNodes: readonly bigint[],
): Economy {
  const provider = providerOf(economy.registry, providerId)
  const changed = { ...provider, activeNodes }
  return { ...economy, registry: withProvider(economy.registry, providerId, changed) }
}
