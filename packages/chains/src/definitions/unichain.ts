import type { ChainDefinition } from '../chain.ts'

export const unichain = {
  name: 'unichain',
  title: 'Unichain',
  family: 'evm',
  chainId: 130,
  testnet: false,
  blockTimeMs: 1_000,
  // Final once its batch is final on Ethereum, which takes from minutes to hours.
  finality: { rule: 'tag', depthBlocks: 3_600 },
  lag: { freshBlocks: 5, criticalBlocks: 60 },
  header: 'optimism',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://uniscan.xyz',
} as const satisfies ChainDefinition
