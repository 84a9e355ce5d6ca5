import type { ChainDefinition } from '../chain.ts'

export const ethHolesky = {
  name: 'eth_holesky',
  title: 'Ethereum Holesky',
  family: 'evm',
  chainId: 17_000,
  testnet: true,
  blockTimeMs: 12_000,
  finality: { rule: 'tag', depthBlocks: 96 },
  lag: { freshBlocks: 1, criticalBlocks: 6 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://holesky.etherscan.io',
} as const satisfies ChainDefinition
