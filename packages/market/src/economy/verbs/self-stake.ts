import type { Economy } from '../economy.ts'
import { type Verb, valuesNow } from '../economy.ts'
import {
  nodeOf,
  providerOf,
  splitActive,
  withNode,
  withProvider,
} from '../registry/provider-registry.ts'
import { activeOf } from '../staking/staking-pool.ts'

export type CheckSelfStakeArgs = { providerId: bigint }

/** Anyone may ask; the pool does whenever self-stake falls. */
export const checkSelfStake: Verb<CheckSelfStakeArgs> = (economy, _caller, { providerId }) =>
  drainUncovered(economy, providerId)

/** Drains the newest active nodes that self-stake does not cover, and starts the time to top up. */
export function drainUncovered(economy: Economy, providerId: bigint): Economy {
  const { SelfStakePerNode, TopUpSeconds } = valuesNow(economy)
  const provider = providerOf(economy.registry, providerId)
  const selfStake = activeOf(economy.pool, providerId, 'Self')
  // Rounds down: a node that is covered in part is not covered.
  const { kept, drained } = splitActive(provider.activeNodes, selfStake / SelfStakePerNode)
  if (drained.length === 0) return economy
  const { now } = economy
  const nodes = drained.reduce((registry, nodeId) => {
    const node = nodeOf(registry, nodeId)
    const retireAt = now + TopUpSeconds
    return withNode(registry, nodeId, { ...node, status: 'Draining', statusSince: now, retireAt })
  }, economy.registry)
  const registry = withProvider(nodes, providerId, { ...provider, activeNodes: kept })
  return { ...economy, registry }
}
