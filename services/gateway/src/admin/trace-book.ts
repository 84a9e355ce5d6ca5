import type { AttemptReport, TraceReport } from '@mooring/protocol/reports/trace'
import type { Clock } from '@mooring/telemetry/clock'
import type { Exchange, RpcAnswer } from '../exchange.ts'
import { describe, isNull, type Outcome } from '../relay/outcome.ts'

/** Traces kept at once; the oldest goes first. */
const tracesMax = 1_000

/** The last requests that are worth explaining: asked to be traced, or served by more than one attempt. */
export class TraceBook {
  readonly #traces = new Map<string, TraceReport>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  consider(
    exchange: Exchange,
    answer: RpcAnswer,
    { startedMs, tookMs, wanted }: { startedMs: number; tookMs: number; wanted: boolean },
  ): void {
    const { relayed } = exchange
    const attempts = relayed === undefined ? 0 : relayed.outcomes.length + relayed.outrun.length
    if (!wanted && attempts < 2) return
    if (this.#traces.size >= tracesMax) {
      const oldest = this.#traces.keys().next().value
      if (oldest !== undefined) this.#traces.delete(oldest)
    }
    this.#traces.set(exchange.traceId, {
      traceId: exchange.traceId,
      chain: exchange.chain.name,
      method: exchange.request.method,
      atMs: this.#clock.wallMs() - Math.round(tookMs),
      totalMs: round(tookMs),
      source: exchange.source,
      result: answer.kind === 'result' ? 'ok' : answer.failure,
      attempts: attemptsOf(exchange, startedMs, tookMs),
    })
  }

  find(traceId: string): TraceReport | undefined {
    return this.#traces.get(traceId)
  }

  /** Newest first. */
  latest(count: number): TraceReport[] {
    return [...this.#traces.values()].slice(-count).reverse()
  }
}

function attemptsOf({ relayed }: Exchange, startedMs: number, tookMs: number): AttemptReport[] {
  if (relayed === undefined) return []
  const finished = relayed.outcomes.map((outcome) => reportOf(outcome, startedMs))
  const outrun = relayed.outrun.map(({ upstream, reason, startedMs: atMs }) => ({
    upstream: upstream.id,
    reason,
    startedMs: round(atMs - startedMs),
    tookMs: round(startedMs + tookMs - atMs),
    outcome: 'outrun',
    detail: 'another attempt answered first',
  }))
  return [...finished, ...outrun].sort((a, b) => a.startedMs - b.startedMs)
}

function reportOf(outcome: Outcome, requestStartedMs: number): AttemptReport {
  const { upstream, reason, startedMs, tookMs, verdict } = outcome
  const facts = {
    upstream: upstream.id,
    reason,
    startedMs: round(startedMs - requestStartedMs),
    tookMs: round(tookMs),
  }
  if (verdict.kind === 'failed') {
    return { ...facts, outcome: verdict.error.class, detail: describe(verdict) }
  }
  return { ...facts, outcome: isNull(verdict) ? 'null' : 'ok', detail: '' }
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
