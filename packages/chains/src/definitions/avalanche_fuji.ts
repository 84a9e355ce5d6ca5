import type { ChainDefinition } from '../chain.ts'

export const avalancheFuji = {
  name: 'avalanche_fuji',
  title: 'Avalanche Fuji C-Chain',
  family: 'evm',
  chainId: 43_113,
  testnet: true,
  blockTimeMs: 1_700,
  finality: { rule: 'instant' },
  lag: { freshBlocks: 3, criticalBlocks: 36 },
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Avalanche', symbol: 'AVAX', decimals: 18 },
  explorerUrl: 'https://testnet.snowtrace.io',
} as const satisfies ChainDefinition
