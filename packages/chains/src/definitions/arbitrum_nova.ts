import type { ChainDefinition } from '../chain.ts'

export const arbitrumNova = {
  name: 'arbitrum_nova',
  title: 'Arbitrum Nova',
  family: 'evm',
  chainId: 42_170,
  testnet: false,
  blockTimeMs: 250,
  // Final once its batch is final on Ethereum, which takes from minutes to hours.
  finality: { rule: 'tag', depthBlocks: 14_400 },
  lag: { freshBlocks: 20, criticalBlocks: 240 },
  header: 'arbitrum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://nova.arbiscan.io',
} as const satisfies ChainDefinition
