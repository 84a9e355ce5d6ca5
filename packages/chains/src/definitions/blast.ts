import type { ChainDefinition } from '../chain.ts'

export const blast = {
  name: 'blast',
  title: 'Blast',
  family: 'evm',
  chainId: 81_457,
  testnet: false,
  blockTimeMs: 2_000,
  // Final once its batch is final on Ethereum, which takes from minutes to hours.
  finality: { rule: 'tag', depthBlocks: 5_400 },
  lag: { freshBlocks: 3, criticalBlocks: 30 },
  header: 'optimism',
  // Accounts hold rebasing balances, so state is hashed in another form.
  trie: 'unknown',
  currency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
  explorerUrl: 'https://blastscan.io',
} as const satisfies ChainDefinition
