import type { ChainDefinition } from '../chain.ts'

export const gnosisChiado = {
  name: 'gnosis_chiado',
  title: 'Gnosis Chiado',
  family: 'evm',
  chainId: 10_200,
  testnet: true,
  blockTimeMs: 5_000,
  finality: { rule: 'tag', depthBlocks: 48 },
  lag: { freshBlocks: 1, criticalBlocks: 12 },
  header: 'unknown',
  trie: 'ethereum',
  currency: { name: 'xDAI', symbol: 'xDAI', decimals: 18 },
  explorerUrl: 'https://blockscout.chiadochain.net',
} as const satisfies ChainDefinition
