import type { ChainDefinition } from '../chain.ts'

export const localTwo = {
  name: 'local_two',
  title: 'Local chain two',
  family: 'evm',
  chainId: 31_338,
  testnet: true,
  blockTimeMs: 1_000,
  finality: { rule: 'tag', depthBlocks: 2 },
  lag: { freshBlocks: 2, criticalBlocks: 10 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
} as const satisfies ChainDefinition
