import { usdOfCredits } from '@mooring/market/metering/credits'
import { type Command, Option } from 'commander'
import { printAccountsFile } from '../../access/accounts-file.ts'
import { askAccounts, listIn, queryOf, recordIn, textIn } from '../../access/accounts-service.ts'
import { creditFormat, type FormatCredit } from '../../access/credit-format.ts'
import { type AccountsOptions, accountsOptions, sessionFor } from '../../access/session.ts'
import type { Context } from '../../context.ts'
import { formatCount, formatUsd } from '../../economy/amounts.ts'
import { addCommand } from '../../economy/given.ts'
import { factLines } from '../../economy/signing.ts'
import { addSystemOptions, type SystemOptions } from '../../economy/system.ts'
import { examples } from '../../help.ts'
import { writeJson } from '../../terminal/json.ts'
import { formatTable } from '../../terminal/table.ts'

type Options = AccountsOptions & SystemOptions & { json?: true }
type RangeOptions = AccountsOptions & { from?: string; to?: string; verb?: string }
type HistoryOptions = Options & RangeOptions & { cursor?: string; limit?: string }
type Answer = Record<string, unknown>

const rangeOptions = {
  '--from <time>': 'a day or an hour in UTC, e.g. 2026-06-01; else from the beginning',
  '--to <time>': 'up to that day or hour, which is not part of it; else now',
  '--verb <verb>': 'changes of one kind, e.g. deposit, charge or withdraw',
} as const
const names = { ankr: 'ANKR', usd: 'Stablecoin' } as const

export function addBillingCommand(program: Command, context: Context): void {
  const billing = program
    .command('billing')
    .summary('show what your account has, and how it came to be')
    .description('Show what your account has by the books of the network, and how it came to be.')
    .helpCommand(false)
    .addHelpText(
      'before',
      examples(
        'npx mooring billing',
        'npx mooring billing history',
        'npx mooring billing export > billing.csv',
      ),
    )
  addShow(billing, context)
  addHistory(billing, context)
  addExport(billing, context)
}

function addShow(billing: Command, context: Context): void {
  const show = addCommand(billing, {
    name: 'show',
    isDefault: true,
    summary: 'show what your account has',
    description: 'Show what your account has of each asset: unused, used, and what a credit costs.',
    options: accountsOptions,
    examples: ['npx mooring billing show'],
  })
  addSystemOptions(show)
    .option('--json', 'print one JSON object, amounts in base units')
    .action(async (options: Options) => {
      const answer = await ask(context, options, '/v1/billing')
      if (options.json) writeJson(context, answer)
      else context.stdout.write(printBilling(answer, await creditFormat(context, options, answer)))
    })
}

function addHistory(billing: Command, context: Context): void {
  const history = addCommand(billing, {
    name: 'history',
    summary: 'show every change, newest first',
    description: 'Show every change of what your account has, newest first, and what caused it.',
    options: {
      ...{ ...accountsOptions, ...rangeOptions },
      '--limit <count>': 'how many, at most 1000; else 100',
      '--cursor <cursor>': 'go on after the last one of before',
    },
    examples: ['npx mooring billing history', 'npx mooring billing history --verb deposit'],
  })
  addSystemOptions(history)
    .option('--json', 'print one JSON object, amounts in base units')
    .action(async (options: HistoryOptions) => {
      const { from, to, verb, limit, cursor } = options
      const query = queryOf({ from, to, verb, limit, cursor })
      const answer = await ask(context, options, `/v1/billing/history?${query}`)
      if (options.json) return writeJson(context, answer)
      context.stdout.write(printMoves(answer, await creditFormat(context, options, answer)))
      if (typeof answer.next === 'string') {
        context.stderr.write(`There are more: go on with --cursor ${answer.next}.\n`)
      }
    })
}

function addExport(billing: Command, context: Context): void {
  addCommand(billing, {
    name: 'export',
    summary: 'print every change as a file',
    description: 'Print every change of what your account has as a file, newest first.',
    options: { ...accountsOptions, ...rangeOptions },
    examples: [
      'npx mooring billing export > billing.csv',
      'npx mooring billing export --format jsonl --from 2026-06-01 --to 2026-07-01',
    ],
  })
    .addOption(
      new Option('--format <format>', 'for spreadsheets or for programs')
        .choices(['csv', 'jsonl'])
        .default('csv'),
    )
    .action(async (options: RangeOptions & { format: string }) => {
      const { from, to, verb, format } = options
      const path = `/v1/billing/history/export?${queryOf({ from, to, verb, format })}`
      await printAccountsFile(context, sessionFor(context, options), path)
    })
}

async function ask(context: Context, options: AccountsOptions, path: string): Promise<Answer> {
  const { accounts, token } = sessionFor(context, options)
  return await askAccounts(context, { accounts, method: 'GET', path, token })
}

function printBilling(answer: Answer, format: FormatCredit): string {
  const assets = listIn(answer, 'assets')
  const uncollected = BigInt(textIn(answer, 'uncollected'))
  const parts = assets.map((asset) => printAsset(asset, format))
  if (assets.length === 0) {
    parts.push('Nothing is in the books of your account yet: `npx mooring deposit` pays in.\n')
  }
  if (uncollected > 0n) {
    parts.push(`${worth(uncollected)} were served when nothing was left, and are not charged.\n`)
  }
  return parts.join('\n')
}

function printAsset(asset: Answer, format: FormatCredit): string {
  const tokens = (name: string) => format(asset.asset, asset[name])
  const credits = BigInt(textIn(asset, 'credits'))
  const leased = BigInt(textIn(asset, 'leased'))
  const cost = asset.tokensPerMillionCredits
  const period = recordIn(asset, 'period')
  const name = asset.asset === 'usd' ? names.usd : names.ankr
  return `${name}\n${factLines([
    ['unused', `${tokens('tokens')}, good for ${worth(credits)}`],
    ['leased', `${formatCount(leased)} of these credits are held by gateways`],
    ['asked out', `${tokens('held')} of what is unused`],
    ['used', `${tokens('accrued')}, not taken out on chain yet`],
    ['taken out', `${tokens('spent')} on chain`],
    ['price', cost === null ? '–' : `${tokens('tokensPerMillionCredits')} for 1,000,000 credits`],
    ['this period', `${format(asset.asset, period.used)} used in charge period ${period.number}`],
    ['life', textIn(asset, 'life')],
  ])}`
}

function printMoves(answer: Answer, format: FormatCredit): string {
  const moves = listIn(answer, 'moves')
  if (moves.length === 0) return 'Nothing has changed in the books of your account then.\n'
  const columns = ['TIME', 'VERB', 'TOKENS', 'CREDITS', 'CAUSE'].map((title) => ({
    title,
    align: title === 'TOKENS' || title === 'CREDITS' ? ('right' as const) : ('left' as const),
  }))
  const rows = moves.map((move) => [
    ...[textIn(move, 'at'), textIn(move, 'verb')],
    ...[format(move.asset, move.tokens), worth(BigInt(textIn(move, 'credits')))],
    textIn(move, 'cause'),
  ])
  return formatTable(columns, rows)
}

function worth(credits: bigint): string {
  return `${formatCount(credits)} credits (${formatUsd(usdOfCredits(credits))})`
}
