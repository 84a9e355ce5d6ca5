import type { ChainDefinition } from '../chain.ts'

export const zksyncEra = {
  name: 'zksync_era',
  title: 'ZKsync Era',
  family: 'evm',
  chainId: 324,
  testnet: false,
  blockTimeMs: 1_000,
  // Final once its batch is executed on Ethereum, up to a day later.
  finality: { rule: 'tag', depthBlocks: 86_400 },
  lag: { freshBlocks: 5, criticalBlocks: 60 },
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://explorer.zksync.io',
} as const satisfies ChainDefinition
