import type { ChainDefinition } from '../chain.ts'

export const ethSepolia = {
  name: 'eth_sepolia',
  title: 'Ethereum Sepolia',
  family: 'evm',
  chainId: 11_155_111,
  testnet: true,
  blockTimeMs: 12_000,
  finality: { rule: 'tag', depthBlocks: 96 },
  lag: { freshBlocks: 1, criticalBlocks: 6 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://sepolia.etherscan.io',
} as const satisfies ChainDefinition
