import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatAsset } from '../../economy/amounts.ts'
import { addCommand } from '../../economy/given.ts'
import { withoutBigints } from '../../economy/reading-command.ts'
import { addSystemOptions, connect, type System, type SystemOptions } from '../../economy/system.ts'
import { CommandError } from '../../exit-codes.ts'
import { askBooks, type BooksSide, billingUrl } from '../../solvency/ask-books.ts'
import { compareCustody, type Finding, isSolvent } from '../../solvency/compare.ts'
import { readCustody } from '../../solvency/custody.ts'
import { writeJson } from '../../terminal/json.ts'
import { type Column, formatTable } from '../../terminal/table.ts'

type SolvencyOptions = SystemOptions & { billing?: string; json?: true }

type Report = { block: bigint; books: 'asked' | 'not asked'; findings: Finding[] }

export function addSolvencyCommand(program: Command, context: Context): void {
  const added = addCommand(program, {
    name: 'solvency',
    summary: 'compare what contracts hold with what they owe, and the books with the escrows',
    description:
      'Show which contract holds what for whom, as of one block, and compare it to the unit: each balance with what the contract says it holds, that with what it is held for, and the escrows with the books of a billing service. Ends with 1 when anything differs.',
    options: {
      '--billing <url>':
        "the listener of a billing service; else MOORING_BILLING_URL, else the local network's. Without one no books are compared",
    },
    examples: [
      'npx mooring solvency',
      'npx mooring solvency --billing http://127.0.0.1:8580 --rpc https://node.example --deployment deployments/1.json',
    ],
  })
  addSystemOptions(added)
    .option('--json', 'print one JSON object')
    .action(async (options: SolvencyOptions) => {
      const url = billingUrl(context, options.billing)
      const system = await connect(context, options)
      const books = url === undefined ? undefined : await askBooks(context, url)
      if (books === undefined)
        context.stderr.write('No books were asked: name them by --billing.\n')
      const block = await blockOf(system, books)
      const custody = await readCustody(system, { blockNumber: block }).catch((cause: unknown) => {
        const message = `The node does not tell what the contracts held in block ${block}: ask one that keeps its state.`
        throw new CommandError('unreachable', message, { cause })
      })
      const findings = compareCustody(custody, books)
      const asked = books === undefined ? 'not asked' : 'asked'
      const report: Report = { block, books: asked, findings }
      if (options.json) writeJson(context, withoutBigints(reportOf(report)))
      else context.stdout.write(formatReport(report, system))
      const wrong = findings.filter((finding) => !isSolvent(finding))
      if (wrong.length === 0) return
      const names = wrong.map(({ holder, asset }) => `${holder} (${asset})`).join(', ')
      throw new CommandError('unexpected', `This does not add up: ${names}.`)
    })
}

/** The books' block, so that both sides are of the same moment. */
async function blockOf({ reader }: System, books: BooksSide | undefined): Promise<bigint> {
  if (books === undefined) return reader.getBlockNumber()
  const { number, hash } = books.block
  const found = await reader.getBlock({ blockNumber: number }).catch(() => undefined)
  if (found?.hash === hash) return number
  throw new CommandError(
    'unreachable',
    `The books were read up to block ${number}, ${hash}, which this node does not have.`,
  )
}

function reportOf({ block, books, findings }: Report): object {
  return {
    solvent: findings.every(isSolvent),
    ...{ block, books },
    holders: findings.map((finding) => ({ ...finding, holds: isSolvent(finding) })),
  }
}

const columns: readonly Column[] = [
  { title: 'HOLDER', align: 'left' },
  { title: 'FOR', align: 'left' },
  { title: 'AMOUNT', align: 'right' },
]

function formatReport({ block, findings }: Report, { assets }: System): string {
  const rows = findings.flatMap(({ holder, asset, parts, surplus, difference }) => {
    const row = (what: string, amount: bigint) => [holder, what, formatAsset(amount, assets[asset])]
    return [
      ...parts.map((part) => row(part.for, part.amount)),
      ...(surplus === 0n
        ? []
        : [row(surplus > 0n ? 'nobody: it came unasked' : 'MISSING', surplus)]),
      ...(difference === 0n ? [] : [row('DIFFERENCE', difference)]),
    ]
  })
  return `block ${block}\n${formatTable(columns, rows)}`
}
