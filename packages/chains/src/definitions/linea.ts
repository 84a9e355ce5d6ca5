import type { ChainDefinition } from '../chain.ts'

export const linea = {
  name: 'linea',
  title: 'Linea',
  family: 'evm',
  chainId: 59_144,
  testnet: false,
  blockTimeMs: 2_000,
  // Final once proven on Ethereum, which may take most of a day.
  finality: { rule: 'tag', depthBlocks: 43_200 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'ethereum',
  trie: 'ethereum',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://lineascan.build',
} as const satisfies ChainDefinition
