import type { ChainDefinition } from '../chain.ts'

export const monad = {
  name: 'monad',
  title: 'Monad',
  family: 'evm',
  chainId: 143,
  testnet: false,
  blockTimeMs: 400,
  // Consensus finalises the block before the parent of the newest.
  finality: { rule: 'tag', depthBlocks: 4 },
  lag: { freshBlocks: 13, criticalBlocks: 150 },
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Monad', symbol: 'MON', decimals: 18 },
  explorerUrl: 'https://monadscan.com',
} as const satisfies ChainDefinition
