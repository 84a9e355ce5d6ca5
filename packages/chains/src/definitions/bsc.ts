import type { ChainDefinition } from '../chain.ts'

export const bsc = {
  name: 'bsc',
  title: 'BNB Smart Chain',
  family: 'evm',
  chainId: 56,
  testnet: false,
  blockTimeMs: 750,
  // Votes finalise within a few blocks; without them two thirds of the validators must build on it.
  finality: { rule: 'tag', depthBlocks: 256 },
  lag: { freshBlocks: 7, criticalBlocks: 80 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'BNB', symbol: 'BNB', decimals: 18 },
  explorerUrl: 'https://bscscan.com',
} as const satisfies ChainDefinition
