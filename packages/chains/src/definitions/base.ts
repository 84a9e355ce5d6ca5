import type { ChainDefinition } from '../chain.ts'

export const base = {
  name: 'base',
  title: 'Base',
  family: 'evm',
  chainId: 8_453,
  testnet: false,
  blockTimeMs: 2_000,
  // Final once its batch is final on Ethereum, which takes from minutes to hours.
  finality: { rule: 'tag', depthBlocks: 1_800 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'optimism',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://basescan.org',
} as const satisfies ChainDefinition
