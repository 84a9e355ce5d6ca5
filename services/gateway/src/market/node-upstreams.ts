import { urlForChain } from '@mooring/onchain/endpoints'
import type { ActiveNode } from '@mooring/onchain/staked-provider'
import type { UpstreamConfig } from '../config.ts'

/** A node that its provider has registered on chain, and where it takes requests. */
export type MarketNode = Pick<ActiveNode, 'nodeId' | 'providerId' | 'type' | 'chains'> & {
  /** May hold a place for the name of a chain. */
  url: string
  /** What the agent before it signs with, in lower case; undefined where there is none. */
  signer: string | undefined
  stake: NodeStake
  /** Whether it serves requests that nobody pays for. */
  community: boolean
}

export type NodeStake = {
  /** Behind each active node of its provider, in base units of ANKR: own stake, and the delegation that counts. */
  perNode: bigint
  /** How many times the least that a node needs this is. */
  times: number
}

/** What a provider of the chain is called, so that no configured one may be. */
export const providerNamePattern = /^p\d+$/

/**
 * The node as an upstream for one of its chains. Equal while it is the same place, whatever is staked; with another key it is
 * another one, whose agent is asked for sessions of its own.
 *
 * @param options.hasIdentity - Whether this gateway is anything to agents; to others none is linked.
 */
export function upstreamFor(
  { nodeId, providerId, type, url, signer }: MarketNode,
  chain: string,
  { inFlightMax, hasIdentity }: { inFlightMax: number; hasIdentity: boolean },
): UpstreamConfig {
  const isLinked = hasIdentity && signer !== undefined
  return {
    provider: `p${providerId}`,
    name: `n${nodeId}`,
    url: urlForChain(url, chain),
    type,
    headers: {},
    inFlightMax,
    ...(isLinked ? { agent: { nodeId: String(nodeId), address: signer } } : {}),
  }
}
