import type { ChainDefinition } from '../chain.ts'

export const avalanche = {
  name: 'avalanche',
  title: 'Avalanche C-Chain',
  family: 'evm',
  chainId: 43_114,
  testnet: false,
  blockTimeMs: 1_700,
  // Nodes show only blocks that consensus accepted.
  finality: { rule: 'instant' },
  lag: { freshBlocks: 3, criticalBlocks: 36 },
  // Headers carry fields of their own: hash of atomic transactions, block gas cost.
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Avalanche', symbol: 'AVAX', decimals: 18 },
  explorerUrl: 'https://snowtrace.io',
} as const satisfies ChainDefinition
