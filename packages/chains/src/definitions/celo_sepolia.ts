import type { ChainDefinition } from '../chain.ts'

export const celoSepolia = {
  name: 'celo_sepolia',
  title: 'Celo Sepolia',
  family: 'evm',
  chainId: 11_142_220,
  testnet: true,
  blockTimeMs: 1_000,
  finality: { rule: 'tag', depthBlocks: 7_200 },
  lag: { freshBlocks: 5, criticalBlocks: 60 },
  // An Ethereum layer two from its first block on, unlike the main chain.
  header: 'optimism',
  trie: 'unknown',
  currency: { name: 'CELO', symbol: 'S-CELO', decimals: 18 },
  explorerUrl: 'https://celo-sepolia.blockscout.com',
} as const satisfies ChainDefinition
