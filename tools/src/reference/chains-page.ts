import type { ChainDefinition, FinalityRule } from '@mooring/chains/chain'
import { codeOf, numberOf, pageOf, tableOf } from './markdown.ts'

/** The reference of the chains Mooring ships. */
export function chainsPage(definitions: Iterable<ChainDefinition>): string {
  const all = [...definitions]
  return pageOf('Chains', [
    'The chains Mooring knows by name. A chain is served when the configuration gives it upstreams; one that is missing here can be described in the configuration in full (`chains.{name}.definition`). Source: one file for each chain in `packages/chains/src/definitions`.',
    'The **name** is the path consumers use: `POST /{name}`. **Lag** is how far an upstream may be behind the head of the chain: up to the first number of blocks it counts as fresh, from the second on it gets no traffic.',
    '## Main networks',
    tableOfChains(all.filter(({ testnet }) => !testnet)),
    '## Test networks and local chains',
    tableOfChains(all.filter(({ testnet }) => testnet)),
  ])
}

function tableOfChains(definitions: readonly ChainDefinition[]): string {
  return tableOf(
    [
      'Name',
      'Chain',
      'Chain id',
      'Family',
      'Block time',
      'Final',
      'Lag, blocks',
      'Currency',
      'Explorer',
    ],
    definitions.map((chain) => [
      codeOf(chain.name),
      chain.title,
      String(chain.chainId),
      chain.family,
      `${numberOf(chain.blockTimeMs / 1_000)} s`,
      finalityWords(chain.finality),
      `${chain.lag.freshBlocks} / ${chain.lag.criticalBlocks}`,
      `${chain.currency.symbol} (${chain.currency.decimals} decimals)`,
      chain.explorerUrl ?? '–',
    ]),
  )
}

function finalityWords(finality: FinalityRule): string {
  if (finality.rule === 'instant') return 'at once'
  const depth = `${numberOf(finality.depthBlocks)} blocks`
  return finality.rule === 'depth' ? `${depth} deep` : `by the node's tag, else ${depth} deep`
}
