import { parameterSheet } from '@mooring/market/economy/parameters/sheet'
import { type AnkrTerms, ankrForCredits, usdOfCredits } from '@mooring/market/metering/credits'
import type { Command } from 'commander'
import { formatUnits } from 'viem'
import { definitionNamed } from '../../chain-names.ts'
import type { Context } from '../../context.ts'
import {
  formatAnkr,
  formatCount,
  formatPpm,
  formatUsd,
  parsePercent,
  parseRate,
} from '../../economy/amounts.ts'
import { CommandError } from '../../exit-codes.ts'
import { readInput } from '../../files.ts'
import { examples } from '../../help.ts'
import { type Estimate, estimateOf } from '../../pricing/estimate.ts'
import { type RecordedCalls, recordedCallsIn } from '../../pricing/recorded-calls.ts'
import { type KnownTable, readPriceTable } from '../../pricing/table-file.ts'
import { writeJson } from '../../terminal/json.ts'
import { type Column, formatTable } from '../../terminal/table.ts'

type PriceOptions = {
  chain: string
  table?: string
  rate?: string
  discount?: string
  json?: true
}
type Ankr = { terms: AnkrTerms; amount: bigint }
type Priced = {
  calls: RecordedCalls
  known: KnownTable
  estimate: Estimate
  ankr: Ankr | undefined
}

const columns: readonly Column[] = [
  { title: 'METHOD', align: 'left' },
  { title: 'CALLS', align: 'right' },
  { title: 'EACH', align: 'right' },
  { title: 'CREDITS', align: 'right' },
  { title: 'USD', align: 'right' },
]

export function addPriceCommand(program: Command, context: Context): void {
  program
    .command('price')
    .summary('estimate what the calls of a script or a recording cost')
    .description(
      'Estimate what calls cost. Reads a JSON-RPC request or batch, a file with one of them a line, or a HAR as browsers ' +
        'save it. In any other text it counts the names of methods in quotes, each as one call.',
    )
    .argument('<file>', 'what holds the calls; - is standard input')
    .option('--chain <name>', 'the chain that is called', 'eth')
    .option('--table <file>', 'prices of another table than the newest of this version')
    .option('--rate <usd>', 'USD per ANKR: tells the total in ANKR too')
    .option(
      '--discount <percent>',
      `how much more ANKR buys (default: ${formatPpm(parameterSheet.AnkrDiscountPpm.value)})`,
    )
    .option('--json', 'print one JSON object')
    .addHelpText(
      'before',
      examples(
        'npx mooring price script.js',
        'npx mooring price recording.har --chain polygon --rate 0.02',
        `echo '{"jsonrpc":"2.0","id":1,"method":"eth_call"}' | npx mooring price - --json`,
      ),
    )
    .action((file: string, options: PriceOptions) => price(context, file, options))
}

async function price(context: Context, path: string, options: PriceOptions): Promise<void> {
  const { family } = definitionNamed(options.chain)
  const known = readPriceTable(context, options.table)
  const terms = termsOf(options)
  const { name, text } = await readCalls(context, path)
  const calls = recordedCallsIn(text, name)
  const estimate = estimateOf(calls.counts, known.table, family)
  const ankr = terms && { terms, amount: ankrForCredits(estimate.totalCredits, terms) }
  const priced: Priced = { calls, known, estimate, ankr }
  if (options.json) {
    writeJson(context, reportOf(priced, options.chain))
    return
  }
  context.stdout.write(formatEstimate(priced))
  context.stderr.write(notesOn(priced))
}

async function readCalls(context: Context, path: string): Promise<{ name: string; text: string }> {
  if (path === '-') return { name: 'standard input', text: await context.readStdin() }
  const { file, text } = readInput(context, path)
  return { name: file, text }
}

function termsOf({ rate, discount }: PriceOptions): AnkrTerms | undefined {
  const { value, max } = parameterSheet.AnkrDiscountPpm
  const discountPpm = discount === undefined ? value : parsePercent(discount)
  if (discountPpm > max) {
    const most = `the most that the parameter AnkrDiscountPpm may be is ${formatPpm(max)}`
    throw new CommandError('badInput', `--discount is ${formatPpm(discountPpm)}; ${most}.`)
  }
  if (rate !== undefined) {
    return { usdPerAnkr: parseRate(rate), discountPpm }
  }
  if (discount === undefined) return undefined
  throw new CommandError('badInput', '--discount is that of paying in ANKR: name a --rate too.')
}

function formatEstimate({ estimate, ankr }: Priced): string {
  const usd = (credits: bigint) => formatUnits(usdOfCredits(credits), 18)
  const rows = estimate.methods.map(({ method, count, credits, totalCredits }) => [
    printable(method),
    formatCount(count),
    credits === 0 ? 'refused' : formatCount(credits),
    formatCount(totalCredits),
    usd(totalCredits),
  ])
  const { calls, totalCredits } = estimate
  rows.push(['total', formatCount(calls), '', formatCount(totalCredits), usd(totalCredits)])
  return `${formatTable(columns, rows)}${ankr === undefined ? '' : ankrLine(ankr)}`
}

function ankrLine({ amount, terms }: Ankr): string {
  const at = `at ${formatUsd(terms.usdPerAnkr)} each, which buy ${formatPpm(terms.discountPpm)} more`
  return `${formatAnkr(roundedUp(amount))} ${at}\n`
}

/** To a millionth of an ANKR, as the other digits say nothing to people. */
function roundedUp(amount: bigint): bigint {
  const unit = 10n ** 12n
  return ((amount + unit - 1n) / unit) * unit
}

const nameCharsMax = 64

/** A recording may name anything, and what steers a terminal stays out of it. */
function printable(method: string): string {
  const plain = method.replaceAll(/[^\x20-\x7e]/g, '?')
  return plain.length > nameCharsMax ? `${plain.slice(0, nameCharsMax)}…` : plain
}

const sourceWords = {
  json: 'Counted from a JSON-RPC request or batch.',
  jsonLines: 'Counted from one request or batch a line.',
  har: 'Counted from the requests of a HAR.',
  text: 'Counted from names of methods in quotes: each stands for one call, so a call in a loop, or one that a library makes, is not counted as often as it is sent.',
} as const

function notesOn({ calls, known, estimate }: Priced): string {
  const refused = estimate.methods
    .filter(({ credits }) => credits === 0)
    .map(({ method }) => printable(method))
  const subscribes = calls.counts.has('eth_subscribe')
  return [
    sourceWords[calls.source],
    ...(calls.skipped > 0 ? [`${calls.skipped} entries are no JSON-RPC and were left out.`] : []),
    ...(refused.length > 0 ? [`Nobody is served ${refused.join(', ')}: not charged.`] : []),
    ...(subscribes
      ? ['What a subscription sends is charged besides: see `npx mooring prices`.']
      : []),
    `Prices of table ${known.table.version}, ${known.hash}.`,
  ]
    .map((line) => `${line}\n`)
    .join('')
}

function reportOf({ calls, known, estimate, ankr }: Priced, chain: string): object {
  const usd = (credits: bigint) => formatUnits(usdOfCredits(credits), 18)
  return {
    source: calls.source,
    skipped: calls.skipped,
    chain,
    table: { version: known.table.version, hash: known.hash },
    methods: estimate.methods.map(({ method, count, credits, totalCredits }) => ({
      method,
      calls: count,
      creditsEach: credits,
      credits: String(totalCredits),
      usd: usd(totalCredits),
    })),
    total: {
      calls: estimate.calls,
      credits: String(estimate.totalCredits),
      usd: usd(estimate.totalCredits),
      ...(ankr === undefined ? {} : { ankr: String(ankr.amount) }),
    },
  }
}
