import { usdOfCredits } from '@mooring/market/metering/credits'
import { type Command, Option } from 'commander'
import { printAccountsFile } from '../../access/accounts-file.ts'
import { askAccounts, listIn, queryOf, recordIn, textIn } from '../../access/accounts-service.ts'
import { loadKey } from '../../access/key-store.ts'
import {
  type AccountsOptions,
  accountsOptions,
  type Session,
  sessionFor,
} from '../../access/session.ts'
import type { Context } from '../../context.ts'
import { formatCount, formatUsd } from '../../economy/amounts.ts'
import { addCommand } from '../../economy/given.ts'
import { CommandError } from '../../exit-codes.ts'
import { isRecord } from '../../http.ts'
import { writeJson } from '../../terminal/json.ts'
import { formatTable } from '../../terminal/table.ts'

const groupings = ['hour', 'day', 'chain', 'method', 'key', 'status'] as const

type Options = AccountsOptions & {
  from?: string
  to?: string
  by?: (typeof groupings)[number]
  chain?: string
  key?: string
  json?: true
  csv?: true
}
type Answer = Record<string, unknown>

/** As many as one page may have; more pages than this are not fetched by themselves. */
const groupsOfPage = 1_000
const pagesMax = 20
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export function addUsageCommand(program: Command, context: Context): void {
  addCommand(program, {
    name: 'usage',
    summary: 'show what your account has used',
    description:
      'Show what your account has used: requests, the credits they were charged, and what those are worth. Usage is counted by the hour, UTC.',
    options: {
      ...accountsOptions,
      '--from <time>':
        'a day or an hour in UTC, e.g. 2026-06-01 or 2026-06-01T13:00:00Z; else 30 days back',
      '--to <time>': 'up to that day or hour, which is not part of it; else now',
      '--chain <chain>': 'what was used of one chain',
      '--key <key>':
        'what was used with one key: its name here, its id, or `own` for those of no project',
    },
    examples: [
      'npx mooring usage',
      'npx mooring usage --by method --from 2026-06-01',
      'npx mooring usage --csv > usage.csv',
    ],
  })
    .addOption(new Option('--by <what>', 'what to sum up by; else by day').choices(groupings))
    .addOption(new Option('--json', 'print one JSON object').conflicts('csv'))
    .addOption(
      new Option(
        '--csv',
        'print all as it is counted: by hour, key, chain, method and status',
      ).conflicts('by'),
    )
    .action((options: Options) => showUsage(context, options))
}

async function showUsage(context: Context, options: Options): Promise<void> {
  const session = sessionFor(context, options)
  const { from, to, chain } = options
  const key = options.key === undefined ? undefined : keyIdOf(context, session, options.key)
  const query = queryOf({ from, to, chain, key })
  if (options.csv) {
    query.set('format', 'csv')
    return await printAccountsFile(context, session, `/v1/usage/export?${query}`)
  }
  query.set('by', options.by ?? 'day')
  const answer = await fetchAll(context, session, query)
  if (options.json) writeJson(context, answer)
  else context.stdout.write(printUsage(answer))
  if (answer.next !== null) {
    context.stderr.write(
      `There are more than ${pagesMax * groupsOfPage} rows: --from and --to tell of a part, --csv of all.\n`,
    )
  }
}

function keyIdOf(context: Context, { accounts }: Session, key: string): string {
  if (key === 'own' || uuid.test(key)) return key
  const { registration } = loadKey(context, key)
  if (registration?.accounts === accounts) return registration.keyId
  throw new CommandError(
    'badInput',
    `The key ${key} is no project's at ${accounts}: what was used with such keys together is shown by \`npx mooring usage --key own\`.`,
  )
}

/** Pages one after the other, as one answer. */
async function fetchAll(
  context: Context,
  { accounts, token }: Session,
  query: URLSearchParams,
): Promise<Answer> {
  query.set('limit', String(groupsOfPage))
  const groups: Answer[] = []
  for (let page = 1; ; page++) {
    const path = `/v1/usage?${query}`
    const answer = await askAccounts(context, { accounts, method: 'GET', path, token })
    groups.push(...listIn(answer, 'groups'))
    const { next } = answer
    if (typeof next !== 'string' || page === pagesMax) return { ...answer, groups }
    query.set('cursor', next)
  }
}

function printUsage(answer: Answer): string {
  const range = `from ${textIn(answer, 'from')} to ${textIn(answer, 'to')}`
  const groups = listIn(answer, 'groups')
  if (groups.length === 0) return `Nothing was used ${range}.\n`
  const by = textIn(answer, 'by')
  const columns = [
    { title: by.toUpperCase(), align: 'left' as const },
    ...['REQUESTS', 'CREDITS', 'WORTH'].map((title) => ({ title, align: 'right' as const })),
  ]
  const rows = groups.map((group) => [nameOf(group), ...amountsOf(group)])
  const total = ['total', ...amountsOf(recordIn(answer, 'total'))]
  return `${formatTable(columns, [...rows, total])}\nUsed ${range}.\n`
}

function nameOf(group: Answer): string {
  const name = textIn(group, 'group')
  const { project } = group
  if (typeof group.name !== 'string' || !isRecord(project)) return name
  return `${name} (${group.name} of ${project.name})`
}

function amountsOf(sum: Answer): string[] {
  const credits = textIn(sum, 'credits')
  const requests = formatCount(textIn(sum, 'requests'))
  return [requests, formatCount(credits), formatUsd(usdOfCredits(BigInt(credits)))]
}
