/** Chain families Mooring speaks. A family is a set of chains that share one RPC dialect. */
export type FamilyName = 'evm'

/**
 * Everything Mooring knows about one chain, as data. A chain is served when the configuration gives it
 * upstreams; nothing else depends on which chains exist. What each field means stands beside the rule that
 * checks it, in `definition-schema.ts`.
 */
export type ChainDefinition = {
  name: string
  title: string
  family: FamilyName
  chainId: number
  testnet: boolean
  blockTimeMs: number
  finality: FinalityRule
  lag: LagLimits
  header: 'ethereum' | 'optimism' | 'arbitrum' | 'celo' | 'unknown'
  trie: 'ethereum' | 'unknown'
  currency: { name: string; symbol: string; decimals: number }
  explorerUrl?: string | undefined
}

/** When a block can no longer be replaced. */
export type FinalityRule =
  | { rule: 'tag'; depthBlocks: number }
  | { rule: 'depth'; depthBlocks: number }
  | { rule: 'instant' }

/** How far an upstream may be behind the chain's head, in blocks. */
export type LagLimits = {
  freshBlocks: number
  criticalBlocks: number
}
