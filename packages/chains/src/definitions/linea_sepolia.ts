import type { ChainDefinition } from '../chain.ts'

export const lineaSepolia = {
  name: 'linea_sepolia',
  title: 'Linea Sepolia',
  family: 'evm',
  chainId: 59_141,
  testnet: true,
  blockTimeMs: 2_000,
  finality: { rule: 'tag', depthBlocks: 43_200 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://sepolia.lineascan.build',
} as const satisfies ChainDefinition
