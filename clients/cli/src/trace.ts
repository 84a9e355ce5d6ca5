import type { TraceReport } from '@mooring/protocol/reports/trace'
import { type Column, formatTable } from './terminal/table.ts'

const columns: readonly Column[] = [
  { title: 'UPSTREAM', align: 'left' },
  { title: 'WHY', align: 'left' },
  { title: 'AFTER', align: 'right' },
  { title: 'TOOK', align: 'right' },
  { title: 'OUTCOME', align: 'left' },
  { title: 'DETAIL', align: 'left' },
]

const sources = new Map([
  ['upstream', 'from an upstream'],
  ['local', 'from what the gateway knows'],
  ['cache', 'from an answer that was kept and still holds'],
  ['joined', 'from an identical request in flight'],
  ['refused', 'refused by the gateway'],
])

/** What happened to one request, attempt by attempt. */
export function formatTrace(trace: TraceReport): string {
  const source = sources.get(trace.source) ?? trace.source
  const head = `trace ${trace.traceId}: ${trace.result} in ${formatMs(trace.totalMs)}, ${source}\n`
  if (trace.attempts.length === 0) return `${head}no upstream was asked\n`
  const rows = trace.attempts.map((attempt) => [
    attempt.upstream,
    attempt.reason,
    formatMs(attempt.startedMs),
    formatMs(attempt.tookMs),
    attempt.outcome,
    attempt.detail,
  ])
  return head + formatTable(columns, rows)
}

export function formatMs(ms: number): string {
  return ms < 10 ? `${ms.toFixed(1)} ms` : `${Math.round(ms)} ms`
}
