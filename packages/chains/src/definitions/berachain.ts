import type { ChainDefinition } from '../chain.ts'

export const berachain = {
  name: 'berachain',
  title: 'Berachain',
  family: 'evm',
  chainId: 80_094,
  testnet: false,
  blockTimeMs: 2_000,
  finality: { rule: 'tag', depthBlocks: 2 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  // Headers name the proposer of the parent block.
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'BERA Token', symbol: 'BERA', decimals: 18 },
  explorerUrl: 'https://berascan.com',
} as const satisfies ChainDefinition
