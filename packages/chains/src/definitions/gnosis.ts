import type { ChainDefinition } from '../chain.ts'

export const gnosis = {
  name: 'gnosis',
  title: 'Gnosis',
  family: 'evm',
  chainId: 100,
  testnet: false,
  blockTimeMs: 5_000,
  // Epochs have 16 slots.
  finality: { rule: 'tag', depthBlocks: 48 },
  lag: { freshBlocks: 1, criticalBlocks: 12 },
  // Blocks from before its merge carry seals of another consensus.
  header: 'unknown',
  trie: 'ethereum',
  currency: { name: 'xDAI', symbol: 'xDAI', decimals: 18 },
  explorerUrl: 'https://gnosisscan.io',
} as const satisfies ChainDefinition
