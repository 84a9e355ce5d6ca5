import type { ChainDefinition } from '../chain.ts'

export const polygonAmoy = {
  name: 'polygon_amoy',
  title: 'Polygon Amoy',
  family: 'evm',
  chainId: 80_002,
  testnet: true,
  blockTimeMs: 2_000,
  finality: { rule: 'tag', depthBlocks: 256 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'ethereum',
  // Bodies list state-sync transactions that older roots leave out.
  trie: 'unknown',
  currency: { name: 'POL', symbol: 'POL', decimals: 18 },
  explorerUrl: 'https://amoy.polygonscan.com',
} as const satisfies ChainDefinition
