import { providerRegistryAbi } from '@mooring/abis/provider-registry'
import { type Economy, epochNow } from '@mooring/market/economy/economy'
import {
  commissionAt,
  isJailed,
  type NodeStatus,
  nodeOf,
  providerOf,
} from '@mooring/market/economy/registry/provider-registry'
import { zeroAddress } from 'viem'
import { addressWith } from '../cast.ts'
import type { World } from '../world.ts'
import { type Row, type RowsOf, rowsFrom } from './row.ts'

/** As the contract numbers them. */
const statusNumbers: Record<NodeStatus, number> = {
  Registered: 1,
  Candidate: 2,
  Admitted: 3,
  Active: 4,
  Draining: 5,
  Retired: 6,
}

export const registryRows: RowsOf = (world, economy) => {
  const { providers, nodes, keys } = economy.registry
  const row = rowFor(world)
  return [
    row('providerCount', [], providers.size),
    row('nodeCount', [], nodes.size),
    row('exists', [BigInt(providers.size) + 1n], false),
    ...world.cast.nodeKeys.map((key) => row('nodeOfKey', [addressWith(key)], keys.get(key) ?? 0n)),
    ...[...providers.keys()].flatMap((providerId) => providerRows(world, economy, providerId)),
    ...[...nodes.keys()].flatMap((nodeId) => nodeRows(world, economy, nodeId)),
  ]
}

function providerRows(world: World, economy: Economy, providerId: bigint): Row[] {
  const provider = providerOf(economy.registry, providerId)
  const { owner, pendingOwner = zeroAddress, rewardsTo, jailedUntil, operators } = provider
  const { nodes, activeNodes, commissions } = provider
  const row = rowFor(world)
  const told = { owner, pendingOwner, rewardsTo, jailedUntil, metadataUri: '' }
  const epoch = epochNow(economy)
  return [
    row('providerOf', [providerId], told),
    row('isJailed', [providerId], isJailed(provider, economy.now)),
    row('nodesOf', [providerId], nodes),
    row('activeNodesOf', [providerId], activeNodes),
    row('lastCommissionOf', [providerId], [commissions.value, commissions.from]),
    ...[0n, epoch, epoch + 1n, epoch + 3n].map((at) =>
      row('commissionAt', [providerId, at], commissionAt(provider, at)),
    ),
    ...[...world.cast.owners, world.cast.outsider].map((person) =>
      row('isOperator', [providerId, addressWith(person)], operators.has(person)),
    ),
  ]
}

function nodeRows(world: World, { registry, now }: Economy, nodeId: bigint): Row[] {
  const { status, ...node } = nodeOf(registry, nodeId)
  const jailed = isJailed(providerOf(registry, node.providerId), now)
  const row = rowFor(world)
  return [
    row('nodeOf', [nodeId], { ...node, status: statusNumbers[status] }),
    row('isServing', [nodeId], status === 'Active' && !jailed),
  ]
}

function rowFor({ parts }: World) {
  return rowsFrom('registry', parts.registry, providerRegistryAbi)
}
