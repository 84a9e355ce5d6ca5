import { percentileOf } from '../harness/statistics.ts'
import { figuresTable } from '../harness/table.ts'
import type { Sample } from '../load/open-loop.ts'
import type { Break } from './break-once.ts'

/** What one breakdown did to consumers and to the gateway's trust in the node. */
export type Aftermath = {
  name: string
  /** From the breakdown until the node was out of selection; undefined when it stayed. */
  leftAfterMs: number | undefined
  /** Relays to the node that had failed by then. */
  failedRelays: number
  requests: number
  /** Requests that were not answered well, the first of them in words. */
  consumerErrors: number
  firstError: string | undefined
  p50Ms: number
  p99Ms: number
}

export function aftermathOf(one: Break, samples: readonly Sample[]): Aftermath {
  const during = samples.filter(({ atMs }) => atMs >= one.fromMs && atMs < one.toMs)
  const latencies = during.map(({ latencyMs }) => latencyMs)
  const errors = during.flatMap(({ problem }) => problem ?? [])
  return {
    name: one.breakdown.name,
    leftAfterMs: one.leftAfterMs,
    failedRelays: one.failedRelays,
    requests: during.length,
    consumerErrors: errors.length,
    firstError: errors[0],
    p50Ms: percentileOf(latencies, 0.5),
    p99Ms: percentileOf(latencies, 0.99),
  }
}

export function figuresOf(aftermath: Aftermath): Record<string, number> {
  const { name, leftAfterMs, failedRelays, consumerErrors, p50Ms, p99Ms } = aftermath
  return {
    ...(leftAfterMs === undefined ? {} : { [`${name}LeftAfterMs`]: Math.round(leftAfterMs) }),
    [`${name}FailedRelaysCount`]: failedRelays,
    [`${name}ConsumerErrorsCount`]: consumerErrors,
    [`${name}P50Ms`]: Number(p50Ms.toFixed(2)),
    [`${name}P99Ms`]: Number(p99Ms.toFixed(2)),
  }
}

export function aftermathTable(aftermaths: readonly Aftermath[]): string {
  const rows = aftermaths.map((aftermath) => [
    aftermath.name,
    aftermath.leftAfterMs === undefined ? 'kept' : aftermath.leftAfterMs.toFixed(0),
    String(aftermath.failedRelays),
    String(aftermath.requests),
    String(aftermath.consumerErrors),
    aftermath.p50Ms.toFixed(1),
    aftermath.p99Ms.toFixed(1),
  ])
  const titles = [
    'node',
    'left after ms',
    'failed relays',
    'requests',
    'errors',
    'p50 ms',
    'p99 ms',
  ]
  return `${figuresTable(titles, rows)}
left after: until its score was 0. failed relays: until then. errors: seen by consumers.
`
}
