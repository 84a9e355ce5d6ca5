import type { ChainDefinition } from '../chain.ts'

export const scroll = {
  name: 'scroll',
  title: 'Scroll',
  family: 'evm',
  chainId: 534_352,
  testnet: false,
  blockTimeMs: 1_000,
  // Final once proven on Ethereum, which takes hours.
  finality: { rule: 'tag', depthBlocks: 14_400 },
  lag: { freshBlocks: 5, criticalBlocks: 60 },
  header: 'unknown',
  trie: 'unknown',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://scrollscan.com',
} as const satisfies ChainDefinition
