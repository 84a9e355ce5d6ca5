import type { ChainDefinition } from '../chain.ts'

export const scrollSepolia = {
  name: 'scroll_sepolia',
  title: 'Scroll Sepolia',
  family: 'evm',
  chainId: 534_351,
  testnet: true,
  blockTimeMs: 1_000,
  finality: { rule: 'tag', depthBlocks: 14_400 },
  lag: { freshBlocks: 5, criticalBlocks: 60 },
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://sepolia.scrollscan.com',
} as const satisfies ChainDefinition
