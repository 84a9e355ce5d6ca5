import type { ChainDefinition, FinalityRule } from '@mooring/chains/chain'
import { chainDefinitions } from '@mooring/chains/definitions'
import type { Command } from 'commander'
import { definitionNamed } from '../chain-names.ts'
import type { Context } from '../context.ts'
import { examples } from '../help.ts'
import { writeJson } from '../terminal/json.ts'
import { type Column, formatTable } from '../terminal/table.ts'

const factWidthColumns = 14

type ChainsOptions = { testnets?: true; json?: true }

const columns: readonly Column[] = [
  { title: 'NAME', align: 'left' },
  { title: 'TITLE', align: 'left' },
  { title: 'CHAIN ID', align: 'right' },
  { title: 'BLOCK TIME', align: 'right' },
  { title: 'FINALITY', align: 'left' },
  { title: 'EXPLORER', align: 'left' },
]

export function addChainsCommand(program: Command, context: Context): void {
  program
    .command('chains')
    .summary('list the chains Mooring knows')
    .description('List the chains Mooring knows, or show all it knows about one.')
    .argument('[name]', 'chain name')
    .option('--testnets', 'list test networks and local chains as well')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'before',
      examples(
        'npx mooring chains',
        'npx mooring chains eth',
        'npx mooring chains --testnets --json',
      ),
    )
    .action((name: string | undefined, options: ChainsOptions) =>
      name === undefined ? list(context, options) : show(context, name, options),
    )
}

function list(context: Context, options: ChainsOptions): void {
  const chains = [...chainDefinitions.values()].filter(
    ({ testnet }) => !testnet || options.testnets === true,
  )
  if (options.json) {
    writeJson(context, { chains })
    return
  }
  context.stdout.write(formatTable(columns, chains.map(rowOf)))
  const hidden = chainDefinitions.size - chains.length
  if (hidden === 0) return
  context.stderr.write(
    `${chains.length} main networks. ${hidden} test networks and local chains are known too: ` +
      '`npx mooring chains --testnets` lists them all.\n',
  )
}

function show(context: Context, name: string, options: ChainsOptions): void {
  const definition = definitionNamed(name)
  if (options.json) writeJson(context, definition)
  else context.stdout.write(formatFacts(definition))
}

function rowOf(definition: ChainDefinition): string[] {
  return [
    definition.name,
    definition.title,
    String(definition.chainId),
    formatSeconds(definition.blockTimeMs),
    formatFinality(definition.finality),
    definition.explorerUrl ?? '',
  ]
}

function formatFacts(definition: ChainDefinition): string {
  const { currency, lag } = definition
  const facts = [
    ['name', definition.name],
    ['title', definition.title],
    ['family', definition.family],
    ['chain id', `${definition.chainId} (0x${definition.chainId.toString(16)})`],
    ['test network', definition.testnet ? 'yes' : 'no'],
    ['block time', formatSeconds(definition.blockTimeMs)],
    ['finality', formatFinality(definition.finality)],
    ['head lag', `fresh up to ${lag.freshBlocks}, no traffic from ${lag.criticalBlocks} (blocks)`],
    ['header', definition.header],
    ['trie', definition.trie],
    ['currency', `${currency.name} (${currency.symbol}, ${currency.decimals} decimals)`],
    ['explorer', definition.explorerUrl ?? 'none'],
  ] as const
  return facts.map(([fact, value]) => `${fact.padEnd(factWidthColumns)}${value}\n`).join('')
}

function formatSeconds(ms: number): string {
  return `${ms / 1_000} s`
}

function formatFinality(finality: FinalityRule): string {
  switch (finality.rule) {
    case 'tag':
      return `finalized tag, else ${finality.depthBlocks} blocks deep`
    case 'depth':
      return `${finality.depthBlocks} blocks deep`
    case 'instant':
      return 'at once'
  }
}
