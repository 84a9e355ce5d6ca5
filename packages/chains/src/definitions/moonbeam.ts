import type { ChainDefinition } from '../chain.ts'

export const moonbeam = {
  name: 'moonbeam',
  title: 'Moonbeam',
  family: 'evm',
  chainId: 1_284,
  testnet: false,
  blockTimeMs: 6_000,
  // Final with its relay chain, in about half a minute.
  finality: { rule: 'tag', depthBlocks: 20 },
  lag: { freshBlocks: 1, criticalBlocks: 10 },
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Glimmer', symbol: 'GLMR', decimals: 18 },
  explorerUrl: 'https://moonscan.io',
} as const satisfies ChainDefinition
