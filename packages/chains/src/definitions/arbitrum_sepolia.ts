import type { ChainDefinition } from '../chain.ts'

export const arbitrumSepolia = {
  name: 'arbitrum_sepolia',
  title: 'Arbitrum Sepolia',
  family: 'evm',
  chainId: 421_614,
  testnet: true,
  blockTimeMs: 250,
  finality: { rule: 'tag', depthBlocks: 14_400 },
  lag: { freshBlocks: 20, criticalBlocks: 240 },
  header: 'arbitrum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://sepolia.arbiscan.io',
} as const satisfies ChainDefinition
