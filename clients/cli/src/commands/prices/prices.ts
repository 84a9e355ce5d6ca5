import { usdOfCredits } from '@mooring/market/metering/credits'
import {
  advancedGroup,
  type PriceClasses,
  type PriceTable,
} from '@mooring/market/pricing/price-table'
import { type NamedTables, readPriceTables } from '@mooring/onchain/prices'
import type { Command } from 'commander'
import { formatUnits } from 'viem'
import type { Context } from '../../context.ts'
import { formatCount, formatDate, formatPpm, formatUsd } from '../../economy/amounts.ts'
import { readNow } from '../../economy/readings.ts'
import { factLines } from '../../economy/signing.ts'
import {
  addSystemOptions,
  connect,
  isSystemNamed,
  type SystemOptions,
} from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { examples } from '../../help.ts'
import { type KnownTable, readPriceTable } from '../../pricing/table-file.ts'
import { writeJson } from '../../terminal/json.ts'
import { type Column, formatTable } from '../../terminal/table.ts'

type PricesOptions = SystemOptions & { table?: string; json?: true }
type OnChain = { tables: NamedTables; nowSeconds: bigint } | { none: string }

const columns: readonly Column[] = [
  { title: 'GROUP', align: 'left' },
  { title: 'CLASS', align: 'left' },
  { title: 'CREDITS', align: 'right' },
  { title: 'USD', align: 'right' },
  { title: 'SHARE', align: 'right' },
  { title: 'METHODS', align: 'left' },
]
const methodsShownMax = 3

export function addPricesCommand(program: Command, context: Context): void {
  const command = program
    .command('prices')
    .summary('show the table of prices, its hash and its mix')
    .description(
      'Show what calls cost, the mix of requests that the mean price is of, the hash of the table, and whether the chain names it.',
    )
    .option('--table <file>', 'another table than the newest of this version')
    .addHelpText('before', examples('npx mooring prices', 'npx mooring prices --table next.json'))
  addSystemOptions(command)
    .option('--json', 'print one JSON object, with every method')
    .action((options: PricesOptions) => showPrices(context, options))
}

async function showPrices(context: Context, options: PricesOptions): Promise<void> {
  const known = readPriceTable(context, options.table)
  const onChain = await readOnChain(context, options)
  if (options.json) {
    const tables = 'tables' in onChain ? onChain.tables : undefined
    writeJson(context, { hash: known.hash, table: known.table, onChain: reportOf(tables) })
    return
  }
  context.stdout.write(`${factLines(factsOf(known, onChain))}\n${formatPrices(known.table)}`)
  if ('none' in onChain) context.stderr.write(`No chain was asked: ${onChain.none}\n`)
}

/** A chain that was named has to answer; one that may be at hand need not. */
async function readOnChain(context: Context, options: PricesOptions): Promise<OnChain> {
  try {
    const system = await connect(context, options)
    return { tables: await readPriceTables(system), nowSeconds: await readNow(system) }
  } catch (error) {
    if (error instanceof CommandError && !isSystemNamed(context, options)) {
      return { none: error.message }
    }
    throw error
  }
}

function factsOf({ table, hash }: KnownTable, onChain: OnChain): [string, string][] {
  const { meanCredits, creditsPerUsd } = table
  const usd = formatUsd(usdOfCredits(BigInt(meanCredits)))
  const facts: [string, string][] = [
    ['table', String(table.version)],
    ['hash', hash],
    ['mean', `${formatCount(meanCredits)} credits, ${usd}, over the shares below`],
    ['1 USD', `${formatCount(creditsPerUsd)} credits`],
  ]
  return 'none' in onChain ? facts : [...facts, ['on chain', standingOf(hash, onChain)]]
}

function standingOf(
  hash: string,
  { tables, nowSeconds }: Exclude<OnChain, { none: string }>,
): string {
  const { inForce, waiting } = tables
  const begins = (at: bigint) => formatDate(at, nowSeconds)
  const next = waiting && `epoch ${waiting.firstEpoch}, ${begins(waiting.startsAtSeconds)}`
  if (inForce.hash === hash) {
    const since = `in force since epoch ${inForce.firstEpoch}`
    return waiting === undefined ? since : `${since}; ${waiting.hash} follows with ${next}`
  }
  if (waiting?.hash === hash) return `follows with ${next}; ${inForce.hash} is in force`
  return `not named: ${inForce.hash} is in force (${inForce.uri})`
}

function formatPrices(table: PriceTable): string {
  const rows = Object.entries(table.families).flatMap(([family, prices]) => [
    ...classRows(table.mix, family, prices.classes),
    row([family, 'any other', prices.defaultCredits]),
    row([family, 'notification', prices.notificationCredits]),
  ])
  rows.push(
    ...classRows(table.mix, advancedGroup, table.advanced.classes),
    row([advancedGroup, 'any other', table.advanced.defaultCredits]),
    row(['any other', 'any', table.default.credits]),
    row(['any other', 'notification', table.default.notificationCredits]),
  )
  const surcharges = Object.entries(table.transports)
    .filter(([, { surchargeCredits }]) => surchargeCredits > 0)
    .map(([name, { surchargeCredits }]) => `A call over ${name} costs ${surchargeCredits} more.\n`)
  return `${formatTable(columns, rows)}${surcharges.join('')}`
}

function classRows(mix: PriceTable['mix'], group: string, classes: PriceClasses): string[][] {
  return Object.entries(classes).map(([name, { credits, methods }]) => {
    const share = mix.find((each) => each.group === group && each.class === name)
    const shown = methods.slice(0, methodsShownMax).join(', ')
    const more = methods.length - methodsShownMax
    return [
      ...row([group, name, credits]),
      share === undefined ? '' : formatPpm(BigInt(share.sharePpm)),
      more > 0 ? `${shown} and ${more} more` : shown,
    ]
  })
}

function row([group, name, credits]: [string, string, number]): string[] {
  const usd = formatUnits(usdOfCredits(BigInt(credits)), 18)
  return [group, name, formatCount(credits), usd]
}

function reportOf(tables: NamedTables | undefined): object | null {
  if (tables === undefined) return null
  const report = (named: NamedTables['inForce']) => ({
    hash: named.hash,
    uri: named.uri,
    firstEpoch: String(named.firstEpoch),
    startsAtSeconds: String(named.startsAtSeconds),
  })
  const { inForce, waiting } = tables
  return { inForce: report(inForce), waiting: waiting === undefined ? null : report(waiting) }
}
