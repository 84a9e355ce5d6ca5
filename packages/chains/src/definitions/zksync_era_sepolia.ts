import type { ChainDefinition } from '../chain.ts'

export const zksyncEraSepolia = {
  name: 'zksync_era_sepolia',
  title: 'ZKsync Era Sepolia',
  family: 'evm',
  chainId: 300,
  testnet: true,
  blockTimeMs: 1_000,
  finality: { rule: 'tag', depthBlocks: 86_400 },
  lag: { freshBlocks: 5, criticalBlocks: 60 },
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://sepolia.explorer.zksync.io',
} as const satisfies ChainDefinition
