import type { ChainDefinition } from '../chain.ts'

export const ethHoodi = {
  name: 'eth_hoodi',
  title: 'Ethereum Hoodi',
  family: 'evm',
  chainId: 560_048,
  testnet: true,
  blockTimeMs: 12_000,
  finality: { rule: 'tag', depthBlocks: 96 },
  lag: { freshBlocks: 1, criticalBlocks: 6 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://hoodi.etherscan.io',
} as const satisfies ChainDefinition
