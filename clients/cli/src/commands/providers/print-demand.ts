import type { ChainDemandReport, NetworkDemand } from '@mooring/protocol/reports/network'
import { type Column, formatTable } from '../../terminal/table.ts'
import { ankr, credits, ppm } from './figures.ts'

const right = (title: string): Column => ({ title, align: 'right' })
const left = (title: string): Column => ({ title, align: 'left' })

const columns: readonly Column[] = [
  ...[left('CHAIN'), right('WAITING'), left('WHY'), right('CHARGED'), right('NODES')],
  ...[
    right('PER NODE'),
    right('BY OTHERS'),
    right('FAILED OR LATE'),
    right('STAKE'),
    left('REGIONS'),
  ],
]
const causes = {
  none: 'well served',
  'no-nodes': 'no node',
  plain: 'too few nodes',
  faults: 'faults',
  load: 'much work for each',
} as const

export function printDemand({ epoch, chains }: NetworkDemand): string {
  if (epoch === null) return 'No epoch has been closed yet, so nothing is known of demand.\n'
  const table = formatTable(columns, chains.map(rowOf))
  return `Credits of epoch ${epoch.epoch}, and the nodes that serve now. Most wanted first.\n\n${table}`
}

function rowOf(row: ChainDemandReport): string[] {
  const regions = row.regions.map(
    ({ region, nodes, creditsPerNode }) =>
      `${region || 'none'}: ${nodes}, ${credits(creditsPerNode)} each`,
  )
  return [
    ...[row.chain, credits(row.waiting), causes[row.cause], credits(row.charged)],
    ...[String(row.nodes), credits(row.creditsPerNode), ppm(row.plainPpm), ppm(row.faultPpm)],
    ...[ankr(row.stake), regions.join('; ') || '–'],
  ]
}
