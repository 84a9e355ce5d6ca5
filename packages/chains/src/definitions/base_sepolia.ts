import type { ChainDefinition } from '../chain.ts'

export const baseSepolia = {
  name: 'base_sepolia',
  title: 'Base Sepolia',
  family: 'evm',
  chainId: 84_532,
  testnet: true,
  blockTimeMs: 2_000,
  finality: { rule: 'tag', depthBlocks: 1_800 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'optimism',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://sepolia.basescan.org',
} as const satisfies ChainDefinition
