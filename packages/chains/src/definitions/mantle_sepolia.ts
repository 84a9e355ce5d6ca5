import type { ChainDefinition } from '../chain.ts'

export const mantleSepolia = {
  name: 'mantle_sepolia',
  title: 'Mantle Sepolia',
  family: 'evm',
  chainId: 5_003,
  testnet: true,
  blockTimeMs: 2_000,
  finality: { rule: 'tag', depthBlocks: 5_400 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'optimism',
  trie: 'unknown',
  currency: { name: 'Mantle', symbol: 'MNT', decimals: 18 },
  explorerUrl: 'https://explorer.sepolia.mantle.xyz',
} as const satisfies ChainDefinition
