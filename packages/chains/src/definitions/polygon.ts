import type { ChainDefinition } from '../chain.ts'

export const polygon = {
  name: 'polygon',
  title: 'Polygon',
  family: 'evm',
  chainId: 137,
  testnet: false,
  blockTimeMs: 2_000,
  finality: { rule: 'tag', depthBlocks: 256 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'ethereum',
  // Bodies list state-sync transactions that older roots leave out.
  trie: 'unknown',
  currency: { name: 'POL', symbol: 'POL', decimals: 18 },
  explorerUrl: 'https://polygonscan.com',
} as const satisfies ChainDefinition
