import { urlForChain } from '@mooring/onchain/endpoints'
import type { ActiveNode } from '@mooring/onchain/staked-provider'
import type { UpstreamConfig } from '../config.ts'

/** A node that its provider has registered on chain, and where it takes requests. */
export type MarketNode = Pick<ActiveNode, 'nodeId' | 'providerId' | 'type' | 'chains'> & {
  /** May hold a place for the name of a chain. */
  url: string
  stake: NodeStake
}

export type NodeStake = {
  /** Behind each active node of its provider, in base units of ANKR: own stake, and the delegation that counts. */
  perNode: bigint
  /** How many times the least that a node needs this is. */
  times: number
}

/** What a provider of the chain is called, so that no configured one may be. */
export const providerNamePattern = /^p\d+$/

/** The node as an upstream for one of its chains. Equal while it is the same place, whatever is staked. */
export function upstreamFor(
  { nodeId, providerId, type, url }: MarketNode,
  chain: string,
  { inFlightMax }: { inFlightMax: number },
): UpstreamConfig {
  return {
    provider: `p${providerId}`,
    name: `n${nodeId}`,
    url: urlForChain(url, chain),
    type,
    headers: {},
    inFlightMax,
  }
}
