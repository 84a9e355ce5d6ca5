import type { ChainDefinition } from '../chain.ts'

export const sonic = {
  name: 'sonic',
  title: 'Sonic',
  family: 'evm',
  chainId: 146,
  testnet: false,
  blockTimeMs: 630,
  finality: { rule: 'instant' },
  lag: { freshBlocks: 8, criticalBlocks: 96 },
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Sonic', symbol: 'S', decimals: 18 },
  explorerUrl: 'https://sonicscan.org',
} as const satisfies ChainDefinition
