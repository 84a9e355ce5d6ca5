import { qualityOf, sumOfCounts } from '@mooring/market/settlement/quality'
import type { Command } from 'commander'
import type { Context } from '../../context.ts'
import { formatAnkr, formatCount, formatPpm } from '../../economy/amounts.ts'
import { addCommand } from '../../economy/given.ts'
import { withoutBigints } from '../../economy/reading-command.ts'
import { factLines } from '../../economy/signing.ts'
import { epochFacts } from '../../epochs/epoch-facts.ts'
import { type LoadedEpoch, loadEpoch } from '../../epochs/load-epoch.ts'
import { writeJson } from '../../terminal/json.ts'
import { type Column, formatTable } from '../../terminal/table.ts'

const servedColumns: readonly Column[] = [
  { title: 'CHAIN', align: 'left' },
  { title: 'CHARGED', align: 'right' },
  { title: 'RELAYED', align: 'right' },
]
const workColumns: readonly Column[] = [
  { title: 'PROVIDER', align: 'right' },
  { title: 'CHAIN', align: 'left' },
  { title: 'ASKED', align: 'right' },
  { title: 'FAILED', align: 'right' },
  { title: 'LATE', align: 'right' },
  { title: 'CREDITS', align: 'right' },
  { title: 'QUALITY', align: 'right' },
]
const payoutColumns: readonly Column[] = [
  { title: 'PROVIDER', align: 'right' },
  { title: 'EARNED', align: 'right' },
  { title: 'OVER ALL EPOCHS', align: 'right' },
]

export function addShowCommand(epoch: Command, context: Context): void {
  addCommand(epoch, {
    name: 'show',
    summary: 'show what chains were charged, what providers did and what they earned',
    description:
      'Show what each chain was charged in a closed epoch, what each provider did and what it earned, recomputed from the data.',
    arguments: { '<file>': 'the file that verifiers published, or its http:// or https:// URL' },
    examples: ['npx mooring epoch show epoch-12.json'],
  })
    .option('--json', 'print one JSON object')
    .action(async (source: string, options: { json?: true }) => {
      const loaded = await loadEpoch(context, source)
      if (options.json) writeJson(context, withoutBigints(reportOf(loaded)))
      else context.stdout.write(formatEpoch(loaded))
    })
}

function reportOf({ file, settlement }: LoadedEpoch): object {
  const { available, withheld, left, work, payouts } = settlement
  const { served, uncollected } = file.data
  return {
    ...{ epoch: file.data.epoch.number, available, withheld, left },
    ...{ served, uncollected, work, payouts, roots: file.roots },
  }
}

function formatEpoch(loaded: LoadedEpoch): string {
  const { settlement } = loaded
  const work = settlement.work.map(({ providerId, chain, credits }) => {
    const counts = countsOf(loaded, { providerId, chain })
    const quality = qualityOf(counts, loaded.file.data.quality)
    const { asked, failed, late } = counts
    const numbers = [asked, failed, late, credits].map(formatCount)
    return [String(providerId), chain, ...numbers, formatPpm(quality)]
  })
  const served = loaded.file.data.served.map(({ chain, charged, relayed }) => [
    chain,
    formatCount(charged),
    formatCount(relayed),
  ])
  const payouts = settlement.payouts.map(({ providerId, amount, cumulative }) => [
    String(providerId),
    formatAnkr(amount),
    formatAnkr(cumulative),
  ])
  return [
    factLines(epochFacts(loaded)),
    formatTable(servedColumns, served),
    formatTable(workColumns, work),
    formatTable(payoutColumns, payouts),
  ].join('\n')
}

function countsOf(
  { file: { data } }: LoadedEpoch,
  { providerId, chain }: { providerId: bigint; chain: string },
) {
  const own = new Set(
    data.nodes.filter((node) => node.providerId === providerId).map(({ nodeId }) => nodeId),
  )
  return sumOfCounts(data.performance.filter((row) => row.chain === chain && own.has(row.nodeId)))
}
