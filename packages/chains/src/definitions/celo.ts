import type { ChainDefinition } from '../chain.ts'

export const celo = {
  name: 'celo',
  title: 'Celo',
  family: 'evm',
  chainId: 42_220,
  testnet: false,
  blockTimeMs: 1_000,
  // Final once its batch is final on Ethereum, which takes from minutes to hours.
  finality: { rule: 'tag', depthBlocks: 7_200 },
  lag: { freshBlocks: 5, criticalBlocks: 60 },
  header: 'celo',
  trie: 'unknown',
  currency: { name: 'CELO', symbol: 'CELO', decimals: 18 },
  explorerUrl: 'https://celoscan.io',
} as const satisfies ChainDefinition
