import type { ChainDefinition } from '../chain.ts'

export const eth = {
  name: 'eth',
  title: 'Ethereum',
  family: 'evm',
  chainId: 1,
  testnet: false,
  blockTimeMs: 12_000,
  // Two epochs of 32 slots when all is well; one more for missed votes.
  finality: { rule: 'tag', depthBlocks: 96 },
  lag: { freshBlocks: 1, criticalBlocks: 6 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://etherscan.io',
} as const satisfies ChainDefinition
