import type { ChainDefinition } from '../chain.ts'

export const mantle = {
  name: 'mantle',
  title: 'Mantle',
  family: 'evm',
  chainId: 5_000,
  testnet: false,
  blockTimeMs: 2_000,
  // Final once its batch is final on Ethereum, which takes from minutes to hours.
  finality: { rule: 'tag', depthBlocks: 5_400 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'optimism',
  // Deposit transactions carry fields of their own.
  trie: 'unknown',
  currency: { name: 'Mantle', symbol: 'MNT', decimals: 18 },
  explorerUrl: 'https://mantlescan.xyz',
} as const satisfies ChainDefinition
