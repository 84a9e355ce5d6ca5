import type { ChainDefinition } from '../chain.ts'

export const blastSepolia = {
  name: 'blast_sepolia',
  title: 'Blast Sepolia',
  family: 'evm',
  chainId: 168_587_773,
  testnet: true,
  blockTimeMs: 2_000,
  finality: { rule: 'tag', depthBlocks: 5_400 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'optimism',
  trie: 'unknown',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://sepolia.blastscan.io',
} as const satisfies ChainDefinition
