import type { ClassifiedError, Lesson } from '@mooring/chains/family'
import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { Reply } from '../upstreams/ask.ts'
import { failuresInARowMax } from '../upstreams/cordon.ts'
import { tagKey } from '../upstreams/selection.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { type AttemptReason, describe, type Outcome, type Verdict } from './outcome.ts'

export type AttemptContext = { chain: ServedChain; clock: Clock; events: Events }

const refusedHoldMs = 60_000
const throttledHoldMs = 30_000

/** Sends the request to one upstream, judges what comes back and writes it into the upstream's record. */
export async function attempt(
  upstream: Upstream,
  request: RpcRequest,
  options: { reason: AttemptReason; timeoutMs: number; repeatable: boolean },
  context: AttemptContext,
): Promise<Outcome> {
  const { chain, clock, events } = context
  const startedMs = clock.nowMs()
  chain.upstreamShares.add(upstream.id)
  chain.providerShares.add(upstream.provider)
  const reply = await upstream.relay(request, options)
  const tookMs = clock.nowMs() - startedMs
  const verdict = judge(chain, request, reply)
  if (verdict.kind === 'ok') {
    upstream.latencies.record(request.method, tookMs)
    upstream.recordSuccess()
    const block = chain.family.revealedBlockOf(request.method, verdict.result)
    if (block !== undefined) chain.revealed(upstream, block)
  } else {
    blame(upstream, request, verdict, context)
    learn(upstream, request, verdict.error, { reply, context })
  }
  events.attempted(chain, upstream, { request, verdict, tookMs })
  return { upstream, reason: options.reason, startedMs, tookMs, verdict }
}

export function judge(chain: ServedChain, request: RpcRequest, reply: Reply): Verdict {
  const { answer, sent } = reply
  if (answer.kind !== 'result') {
    const error = chain.family.classify(answer, { method: request.method })
    return { kind: 'failed', error, reply: answer, sent }
  }
  const error = chain.family.classifyResult(request.method, answer.result)
  if (error === undefined) return { ...answer, kind: 'ok' }
  const disguised = { kind: 'http', status: 200, text: answer.resultJson } as const
  return { kind: 'failed', error, reply: disguised, sent }
}

function blame(
  upstream: Upstream,
  request: RpcRequest,
  verdict: Verdict & { kind: 'failed' },
  { chain, clock, events }: AttemptContext,
): void {
  const { score } = verdict.error.facts
  if (score === 'success') upstream.recordSuccess()
  if (score === 'success' || score === 'neutral') return
  const detail = `${request.method}: ${describe(verdict)}`
  upstream.recordFailure({ class: verdict.error.class, detail, atMs: clock.wallMs() }, score)
  if (upstream.failuresInARow < failuresInARowMax || !chain.canSpare(upstream)) return
  const why = `${upstream.failuresInARow} requests in a row failed, the last with ${verdict.error.class}`
  upstream.takeOut('burst', why, clock.nowMs())
  events.cordoned(chain, upstream, why)
  chain.review()
}

type LessonFacts = { reply: Reply; context: AttemptContext }

/** One entry per lesson, so that a new lesson cannot be forgotten here. */
const lessons: Record<
  Lesson,
  (upstream: Upstream, request: RpcRequest, facts: LessonFacts) => void
> = {
  nothing() {},
  methodUnsupported(upstream, { method }, { context }) {
    upstream.lessons.methodUnsupported(method, context.clock.nowMs())
  },
  pruned(upstream, request, { context: { chain, clock } }) {
    const need = chain.family.blockNeedOf(request)
    if (need.kind === 'range') upstream.lessons.pruned(need.from, clock.nowMs())
  },
  behind(upstream, request, { context: { chain } }) {
    const need = chain.family.blockNeedOf(request)
    if (need.kind !== 'range' || upstream.headBlock === undefined) return
    upstream.headBlock = Math.min(upstream.headBlock, need.to - 1)
  },
  throttled(upstream, _request, { reply, context }) {
    pause(upstream, 'throttled', 'it asked for fewer requests', {
      holdMs: reply.retryAfterMs ?? throttledHoldMs,
      context,
    })
  },
  refused(upstream, _request, { context }) {
    const why = 'it refuses this gateway (key or quota), its operator must act'
    pause(upstream, 'refused', why, { holdMs: refusedHoldMs, context })
  },
  rangeLimit(upstream, request, { context: { chain, clock } }) {
    const range = chain.family.scanRangeOf(request, chain.headBlock ?? 0)
    if (range !== undefined) {
      upstream.lessons.rangeRefused(range.to - range.from + 1, clock.nowMs())
    }
  },
  tagUnsupported(upstream, request, { context: { chain, clock } }) {
    const need = chain.family.blockNeedOf(request)
    if (need.kind === 'tag') upstream.lessons.methodUnsupported(tagKey(need.tag), clock.nowMs())
  },
  // No batches are sent to upstreams.
  batchLimit() {},
}

function learn(
  upstream: Upstream,
  request: RpcRequest,
  error: ClassifiedError,
  facts: LessonFacts,
): void {
  lessons[error.facts.learn](upstream, request, facts)
}

function pause(
  upstream: Upstream,
  kind: 'throttled' | 'refused',
  why: string,
  { holdMs, context: { chain, clock, events } }: { holdMs: number; context: AttemptContext },
): void {
  if (!chain.canSpare(upstream)) return
  upstream.takeOut(kind, why, clock.nowMs(), holdMs)
  events.cordoned(chain, upstream, why)
  chain.review()
}
