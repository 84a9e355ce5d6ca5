import type { ChainDefinition } from '../chain.ts'

export const fantom = {
  name: 'fantom',
  title: 'Fantom Opera',
  family: 'evm',
  chainId: 250,
  testnet: false,
  blockTimeMs: 1_000,
  finality: { rule: 'instant' },
  lag: { freshBlocks: 5, criticalBlocks: 60 },
  // A block takes its hash from an event of the consensus, not from its header.
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Fantom', symbol: 'FTM', decimals: 18 },
  explorerUrl: 'https://ftmscan.com',
} as const satisfies ChainDefinition
