import type { ChainDefinition } from '../chain.ts'

export const bscTestnetChapel = {
  name: 'bsc_testnet_chapel',
  title: 'BNB Smart Chain Chapel',
  family: 'evm',
  chainId: 97,
  testnet: true,
  blockTimeMs: 750,
  finality: { rule: 'tag', depthBlocks: 256 },
  lag: { freshBlocks: 7, criticalBlocks: 80 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'BNB', symbol: 'tBNB', decimals: 18 },
  explorerUrl: 'https://testnet.bscscan.com',
} as const satisfies ChainDefinition
