import type { ChainReport, UpstreamReport } from '@mooring/protocol/reports/upstreams'
import type { Paint, Style } from './terminal/paint.ts'
import { type Column, formatTable } from './terminal/table.ts'
import { formatMs } from './trace.ts'

/** From this score on an upstream is well; below the second it is in trouble. */
const goodScore = 7
const poorScore = 4

/** One chain: its head, a line for each upstream, best first, with each factor of its score. */
export function formatChain(chain: ChainReport, paint: Paint): string {
  const { title, chainId, headBlock, headAgeMs } = chain
  const age = `${(headAgeMs / 1_000).toFixed(1)} s ago`
  const head = headBlock === null ? 'unknown' : `${formatCount(headBlock)}, ${age}`
  const line = `${paint('bold', chain.chain)}  ${title}, chain id ${chainId}, head ${head}\n`
  if (chain.upstreams.length === 0) return `${line}no upstreams\n`
  const terms = termsOf(chain.upstreams)
  const rows = chain.upstreams
    .toSorted((a, b) => b.score - a.score || a.id.localeCompare(b.id))
    .map((upstream) => rowOf(upstream, [...terms.keys()], paint))
  return line + formatTable(columnsOf(terms), rows)
}

/** The factors in the order of the formula, each with its weight. */
function termsOf(upstreams: readonly UpstreamReport[]): Map<string, number> {
  return new Map(
    upstreams.flatMap(({ terms }) => terms.map(({ term, weight }) => [term, weight] as const)),
  )
}

function columnsOf(terms: ReadonlyMap<string, number>): Column[] {
  const right = (title: string): Column => ({ title, align: 'right' })
  return [
    { title: 'UPSTREAM', align: 'left' },
    right('SCORE'),
    ...[...terms].map(([term, weight]) => right(`${term.toUpperCase()}^${formatWeight(weight)}`)),
    ...['LAG', 'PROBE', 'OK', 'IN FLIGHT', 'RELAYS', 'SHARE'].map(right),
    { title: 'WHY', align: 'left' },
  ]
}

function rowOf(upstream: UpstreamReport, terms: readonly string[], paint: Paint): string[] {
  const { score, lagBlocks, probeLatencyMs } = upstream
  const values = new Map(upstream.terms.map(({ term, value }) => [term, value.toFixed(2)]))
  return [
    upstream.id,
    paint(styleOf(upstream), score.toFixed(1)),
    ...terms.map((term) => values.get(term) ?? '-'),
    lagBlocks === null ? '-' : String(lagBlocks),
    probeLatencyMs === null ? '-' : formatMs(probeLatencyMs),
    formatPercent(upstream.successRate),
    String(upstream.inFlight),
    formatCount(upstream.relays),
    formatPercent(upstream.share),
    paint(upstream.gates.length > 0 ? 'red' : 'dim', whyOf(upstream)),
  ]
}

/** What holds the upstream out, or else what costs it most of its score. */
function whyOf(upstream: UpstreamReport): string {
  if (upstream.gates.length > 0) {
    return upstream.gates.map(({ gate, reason }) => `${gate}: ${reason}`).join('; ')
  }
  const [weakest] = upstream.terms.toSorted((a, b) => a.value ** a.weight - b.value ** b.weight)
  const reason = weakest && weakest.value < 1 ? `${weakest.term}: ${weakest.reason}` : ''
  const probation = upstream.onProbation ? 'on probation' : ''
  return [probation, reason].filter((part) => part !== '').join('; ')
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
