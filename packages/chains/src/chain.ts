/** Chain families Mooring speaks. A family is a set of chains that share one RPC dialect. */
export type FamilyName = 'evm'

/**
 * Everything Mooring knows about one chain, as data. A chain is served when the configuration gives it
 * upstreams; nothing else depends on which chains exist.
 */
export type ChainDefinition = {
  /** Path segment consumers type: `POST /{name}`. Lower case letters, digits and underscores. */
  name: string
  /** Name for people. */
  title: string
  family: FamilyName
  /** EIP-155 chain id. An upstream that reports another one gets no traffic. */
  chainId: number
  testnet: boolean
  /** Usual time between blocks. Sets the pace of polling and waiting. */
  blockTimeMs: number
  finality: FinalityRule
  lag: LagLimits
  /** How a block's hash is made from its header; `unknown` switches recomputing off until it is known. */
  header: 'ethereum' | 'optimism' | 'arbitrum' | 'celo' | 'unknown'
  /** How transactions, receipts and state are hashed into roots. */
  trie: 'ethereum' | 'unknown'
  currency: { name: string; symbol: string; decimals: number }
  /** Block explorer, without a trailing slash; undefined where there is none. */
  explorerUrl?: string | undefined
}

/** When a block can no longer be replaced. */
export type FinalityRule =
  /** Nodes answer the `finalized` tag; `depthBlocks` is assumed where one does not. */
  | { rule: 'tag'; depthBlocks: number }
  /** Nodes have no `finalized` tag: a block this deep is taken as final. */
  | { rule: 'depth'; depthBlocks: number }
  /** A block is final when it appears. */
  | { rule: 'instant' }

/** How far an upstream may be behind the chain's head, in blocks. */
export type LagLimits = {
  /** Up to here an upstream counts as fresh. */
  freshBlocks: number
  /** From here on an upstream gets no traffic. */
  criticalBlocks: number
}
