import type { ChainReport, UpstreamReport } from '@mooring/protocol/reports/upstreams'
import type { Paint, Style } from './terminal/paint.ts'
import { type Column, cutLines, formatTable, tableWidthColumns } from './terminal/table.ts'
import { formatMs } from './trace.ts'

/** From this score on an upstream is well; below the second it is in trouble. */
const goodScore = 7
const poorScore = 4

/** From the fullest table to the narrowest; a terminal gets the first that fits it. */
const layouts: readonly (readonly Part[])[] = [
  ['main', 'terms', 'load'],
  ['main', 'load'],
  ['main'],
]
/** A table fits while this much of the line is left for the reasons. */
const whyWidthColumnsMin = 24

type Part = 'main' | 'terms' | 'load'
type Field = Column & { part: Part; cellOf: (upstream: UpstreamReport) => string }

/**
 * One chain: its head, and a line for each upstream, best first.
 *
 * @param widthColumns - No line is longer: what does not fit is left out, each factor of the score first.
 */
export function formatChain(chain: ChainReport, paint: Paint, widthColumns: number): string {
  const { title, chainId, headBlock, headAgeMs } = chain
  const age = `${(headAgeMs / 1_000).toFixed(1)} s ago`
  const head = headBlock === null ? 'unknown' : `${formatCount(headBlock)}, ${age}`
  const line = `${paint('bold', chain.chain)}  ${title}, chain id ${chainId}, head ${head}\n`
  const table =
    chain.upstreams.length === 0
      ? 'no upstreams\n'
      : formatUpstreams(chain.upstreams, paint, widthColumns)
  return cutLines(line + table, widthColumns)
}

function formatUpstreams(
  upstreams: readonly UpstreamReport[],
  paint: Paint,
  widthColumns: number,
): string {
  const sorted = upstreams.toSorted((a, b) => b.score - a.score || a.id.localeCompare(b.id))
  const rowsOf = (fields: readonly Field[]) =>
    sorted.map((upstream) => fields.map(({ cellOf }) => cellOf(upstream)))
  const all = fieldsOf(sorted, paint)
  const tables = layouts.map((parts) => all.filter(({ part }) => parts.includes(part)))
  const fitting = tables.find((fields) => {
    const numbers = fields.slice(0, -1)
    return tableWidthColumns(numbers, rowsOf(numbers)) + whyWidthColumnsMin <= widthColumns
  })
  const fields = fitting ?? tables.at(-1) ?? all
  return formatTable(fields, rowsOf(fields))
}

function fieldsOf(upstreams: readonly UpstreamReport[], paint: Paint): Field[] {
  return [
    field('main', 'UPSTREAM', ({ id }) => id, 'left'),
    field('main', 'SCORE', (upstream) => paint(styleOf(upstream), String(upstream.score))),
    ...[...weightsOf(upstreams)].map(([term, weight]) =>
      field('terms', `${term.toUpperCase()}^${formatWeight(weight)}`, ({ terms }) => {
        return terms.find((factor) => factor.term === term)?.value.toFixed(2) ?? '-'
      }),
    ),
    field('main', 'LAG', ({ lagBlocks }) => (lagBlocks === null ? '-' : String(lagBlocks))),
    field('main', 'PROBE', ({ probeLatencyMs }) =>
      probeLatencyMs === null ? '-' : formatMs(probeLatencyMs),
    ),
    field('main', 'OK', ({ successRate }) => formatPercent(successRate)),
    field('load', 'IN FLIGHT', ({ inFlight }) => String(inFlight)),
    field('load', 'RELAYS', ({ relays }) => formatCount(relays)),
    field('main', 'SHARE', ({ share }) => formatPercent(share)),
    field(
      'main',
      'WHY',
      (upstream) => paint(upstream.gates.length > 0 ? 'red' : 'dim', whyOf(upstream)),
      'left',
    ),
  ]
}

function field(
  part: Part,
  title: string,
  cellOf: Field['cellOf'],
  align: Column['align'] = 'right',
): Field {
  return { part, title, cellOf, align }
}

/** The factors in the order of the formula, each with its weight. */
function weightsOf(upstreams: readonly UpstreamReport[]): Map<string, number> {
  return new Map(
    upstreams.flatMap(({ terms }) => terms.map(({ term, weight }) => [term, weight] as const)),
  )
}

/** What holds the upstream out, or else what costs it most of its score. */
function whyOf({ gates, terms, onProbation }: UpstreamReport): string {
  const probation = onProbation ? ['on probation'] : []
  if (gates.length > 0) {
    return [...gates.map(({ gate, reason }) => `${gate}: ${reason}`), ...probation].join('; ')
  }
  const [weakest] = terms.toSorted((a, b) => a.value ** a.weight - b.value ** b.weight)
  const costs = weakest && weakest.value < 1 ? [`${weakest.term}: ${weakest.reason}`] : []
  return [...probation, ...costs].join('; ')
}

function styleOf({ score, onProbation }: UpstreamReport): Style {
  if (score < poorScore) return 'red'
  return score < goodScore || onProbation ? 'yellow' : 'green'
}

function formatWeight(weight: number): string {
  return String(Number(weight.toFixed(2)))
}

function formatPercent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`
}

function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}
