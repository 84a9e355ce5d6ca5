import type { ClassifiedError, Lesson } from '@mooring/chains/family'
import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { Reply } from '../upstreams/ask.ts'
import { failuresInARowMax } from '../upstreams/cordon.ts'
import { tagKey } from '../upstreams/selection.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { tallyAnswer } from '../upstreams/work-tally.ts'
import type { AttemptContext } from './attempt-context.ts'
import { describe, type Outcome, type Verdict } from './outcome.ts'

const refusedHoldMs = 60_000
const throttledHoldMs = 30_000
const nearHeadBlocks = 3

/** What came back from one upstream, and by which hash it was asked for, if by one. */
export type Asked = { reply: Reply; verdict: Verdict; pin: string | undefined }

/** Writes what came of a request into the record of the upstream, with what it teaches. */
export function record(
  upstream: Upstream,
  request: RpcRequest,
  { asked, tookMs, context }: { asked: Asked; tookMs: number; context: AttemptContext },
): void {
  const { chain, events, isCommunity } = context
  const { reply, verdict, pin } = asked
  if (!isCommunity) upstream.work.asked++
  if (verdict.kind === 'ok') {
    if (!isCommunity) tallyAnswer(upstream.work, tookMs)
    upstream.latencies.record(request.method, tookMs)
    upstream.recordSuccess(request.method)
    if (verdict.block !== undefined) chain.revealed(upstream, verdict.block.number)
    if (verdict.strayed) chain.lookAtHead()
  } else {
    // The block may have been replaced since: whoever asks again should ask for the new one.
    if (pin !== undefined && verdict.error.facts.later === 'blockTime') chain.lookAtHead()
    blame(upstream, request, { verdict, tookMs }, context)
    learn(upstream, request, verdict.error, { reply, context })
  }
  events.attempted(chain, upstream, { request, verdict, tookMs })
}

function blame(
  upstream: Upstream,
  request: RpcRequest,
  { verdict, tookMs }: { verdict: Verdict & { kind: 'failed' }; tookMs: number },
  context: AttemptContext,
): void {
  const { score } = verdict.error.facts
  if (score === 'success') {
    upstream.recordSuccess(request.method)
    if (!context.isCommunity) tallyAnswer(upstream.work, tookMs)
  }
  if (score === 'major') charge(upstream, request, verdict, { isClear: true, context })
}

/**
 * Another node has answered what this one could not. That lowers its score, and where it goes on at one
 * method the method is asked elsewhere; it takes no node out, for nodes differ in what they make of an odd
 * request.
 */
export function blameAlone(
  { upstream, verdict }: Outcome,
  request: RpcRequest,
  context: AttemptContext,
): void {
  if (verdict.kind !== 'failed') return
  const { score, later } = verdict.error.facts
  if (score === 'minor') charge(upstream, request, verdict, { isClear: false, context })
  // It lacks a block that is there: whoever asks for it next need not find that out again.
  if (later === 'blockTime') fallBehind(upstream, request, context.chain)
}

function charge(
  upstream: Upstream,
  request: RpcRequest,
  verdict: Verdict & { kind: 'failed' },
  { isClear, context }: { isClear: boolean; context: AttemptContext },
): void {
  const { chain, clock, events, isCommunity } = context
  const { method } = request
  if (!isCommunity) upstream.work.failed++
  const detail = `${method}: ${describe(verdict)}`
  const failure = { class: verdict.error.class, detail, atMs: clock.wallMs() }
  upstream.recordFailure(failure, { isClear })
  if (upstream.failsAt(method)) upstream.lessons.methodFails(method, clock.nowMs())
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
    const head = chain.headBlock ?? 0
    // Nobody prunes the newest block, so a node that says so of it is confused rather than pruned.
    if (need.kind === 'range' && need.from < head) upstream.lessons.pruned(need.from, clock.nowMs())
  },
  behind: (upstream, request, { context: { chain } }) => fallBehind(upstream, request, chain),
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

function fallBehind(upstream: Upstream, request: RpcRequest, { family }: ServedChain): void {
  const need = family.blockNeedOf(request)
  const { headBlock } = upstream
  if (need.kind !== 'range' || headBlock === undefined) return
  // It said what its head is a moment ago: only what is about as new can be news.
  if (need.to > headBlock - nearHeadBlocks) upstream.headBlock = Math.min(headBlock, need.to - 1)
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
