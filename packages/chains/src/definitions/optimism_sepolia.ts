import type { ChainDefinition } from '../chain.ts'

export const optimismSepolia = {
  name: 'optimism_sepolia',
  title: 'OP Sepolia',
  family: 'evm',
  chainId: 11_155_420,
  testnet: true,
  blockTimeMs: 2_000,
  finality: { rule: 'tag', depthBlocks: 1_800 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'optimism',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://optimism-sepolia.blockscout.com',
} as const satisfies ChainDefinition
