import type { ClassifiedError, FailedReply, Lesson, RevealedBlock } from '@mooring/chains/family'
import type { ResultText } from '@mooring/protocol/json-rpc/reply'
import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { Clock } from '@mooring/telemetry/clock'
import type { Events } from '../events.ts'
import type { Reply } from '../upstreams/ask.ts'
import { failuresInARowMax } from '../upstreams/cordon.ts'
import { tagKey } from '../upstreams/selection.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { RelayOptions, Upstream } from '../upstreams/upstream.ts'
import { type AttemptReason, describe, type Outcome, type Verdict } from './outcome.ts'
import { pinOf } from './pin.ts'
import type { Question } from './question.ts'

export type AttemptContext = {
  chain: ServedChain
  /** The chain's head as the caller may be shown it. */
  headBlock: number | undefined
  clock: Clock
  events: Events
}

const refusedHoldMs = 60_000
const throttledHoldMs = 30_000
const nearHeadBlocks = 3

/**
 * Sends the request to one upstream, judges what comes back and writes it into the upstream's record.
 *
 * @param done - Called once, with the outcome or with what broke here, and must not throw.
 */
export function startAttempt(
  upstream: Upstream,
  question: Question,
  options: AttemptOptions,
  context: AttemptContext,
  done: (outcome: Outcome | { broke: unknown }) => void,
): void {
  const { chain, clock } = context
  chain.upstreamShares.add(upstream.id)
  chain.providerShares.add(upstream.provider)
  const { reason, startedMs } = options
  askPinned(upstream, question, options, context, (asked) => {
    if ('broke' in asked) {
      done(asked)
      return
    }
    const tookMs = clock.nowMs() - startedMs
    const { verdict, pin } = asked
    try {
      record(upstream, question.request, { asked, tookMs, context })
    } catch (broke) {
      done({ broke })
      return
    }
    done({ upstream, reason, startedMs, tookMs, pin, verdict })
  })
}

/** As `startAttempt`, for what is sent seldom. */
export function attempt(
  upstream: Upstream,
  question: Question,
  options: AttemptOptions,
  context: AttemptContext,
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    startAttempt(upstream, question, options, context, (outcome) => {
      if ('broke' in outcome) reject(outcome.broke)
      else resolve(outcome)
    })
  })
}

function record(
  upstream: Upstream,
  request: RpcRequest,
  { asked, tookMs, context }: { asked: Asked; tookMs: number; context: AttemptContext },
): void {
  const { chain, events } = context
  const { reply, verdict, pin } = asked
  if (verdict.kind === 'ok') {
    upstream.latencies.record(request.method, tookMs)
    upstream.recordSuccess(request.method)
    if (verdict.block !== undefined) chain.revealed(upstream, verdict.block.number)
    if (verdict.strayed) chain.lookAtHead()
  } else {
    // The block may have been replaced since: whoever asks again should ask for the new one.
    if (pin !== undefined && verdict.error.facts.later === 'blockTime') chain.lookAtHead()
    blame(upstream, request, verdict, context)
    learn(upstream, request, verdict.error, { reply, context })
  }
  events.attempted(chain, upstream, { request, verdict, tookMs })
}

type AttemptOptions = {
  reason: AttemptReason
  timeoutMs: number
  repeatable: boolean
  startedMs: number
}

/** What came back from one upstream, and by which hash it was asked for, if by one. */
type Asked = { reply: Reply; verdict: Verdict; pin: string | undefined }

/**
 * Sends the request by the hash of its block where that is known. A node that may not take hashes and
 * refuses the params is asked once more by number, which tells whose fault it was.
 */
function askPinned(
  upstream: Upstream,
  question: Question,
  options: AttemptOptions,
  context: AttemptContext,
  done: (asked: Asked | { broke: unknown }) => void,
): void {
  const { request } = question
  const { method } = request
  const { takesHashes } = upstream
  const pin = takesHashes.get(method) === false ? undefined : pinOf(question, context.chain)
  const how = relayOptionsOf(request, options, context)
  upstream.relay(pin?.request ?? request, how, (reply) => {
    const verdict = judgeSafely(question, reply, context)
    if ('broke' in verdict) return done(verdict)
    if (pin === undefined) return done({ reply, verdict, pin: undefined })
    if (verdict.kind === 'ok') takesHashes.set(method, true)
    const leftMs = how.timeoutMs - (context.clock.nowMs() - options.startedMs)
    const isDoubtful = isRefusalOfParams(verdict) && takesHashes.get(method) !== true
    if (!isDoubtful || leftMs <= 0) return done({ reply, verdict, pin: pin.hash })
    upstream.relay(request, { ...how, timeoutMs: leftMs }, (again) => {
      const second = judgeSafely(question, again, context)
      if ('broke' in second) return done(second)
      if (second.kind === 'ok') takesHashes.set(method, false)
      done({ reply: again, verdict: second, pin: undefined })
    })
  })
}

/** What breaks amid the events of a socket must reach the request that it is for. */
function judgeSafely(
  question: Question,
  reply: Reply,
  context: AttemptContext,
): Verdict | { broke: unknown } {
  try {
    return judge(question, reply, context)
  } catch (broke) {
    return { broke }
  }
}

function relayOptionsOf(
  { method }: RpcRequest,
  { timeoutMs, repeatable }: AttemptOptions,
  { chain }: AttemptContext,
): RelayOptions {
  const reading = chain.family.readingOf(method)
  const members = typeof reading === 'object' ? reading.members : undefined
  return { timeoutMs, repeatable, members }
}

function isRefusalOfParams(verdict: Verdict): boolean {
  return verdict.kind === 'failed' && verdict.error.facts.failure === 'INVALID_PARAMS'
}

function judge(
  question: Question,
  { answer, sent }: Reply,
  { chain, headBlock }: AttemptContext,
): Verdict {
  const { family } = chain
  const { method } = question.request
  if (answer.kind !== 'result') {
    return { kind: 'failed', error: family.classify(answer, { method }), reply: answer, sent }
  }
  const { resultJson } = answer
  const seen = family.readingOf(method) === 'whole' ? answer.result : answer.outline
  // What is wrong from outside is looked at whole: it may say what it is.
  const isSuspect = family.classifyResult(method, seen) !== undefined
  const disguised = isSuspect ? family.classifyResult(method, answer.result) : undefined
  if (disguised !== undefined) {
    const reply = { kind: 'http', status: 200, text: resultJson } as const
    return { kind: 'failed', error: disguised, reply, sent }
  }
  if (resultJson === 'null' && isOfAKnownBlock(question, headBlock)) {
    const { facts, ...error } = family.classify(blockNotFound, { method })
    // Such a null proves what an error that says the same only claims.
    const behind: ClassifiedError = { ...error, facts: { ...facts, learn: 'behind' } }
    return { kind: 'failed', error: behind, reply: blockNotFound, sent }
  }
  const block = family.revealedBlockOf(method, seen)
  return new Accepted(answer, {
    block,
    pending: family.isPending(method, seen),
    strayed: block !== undefined && hasStrayed(question, block, chain),
  })
}

type Ok = Verdict & { kind: 'ok' }

/** A class, for a getter in an object is made anew with each object, and one is made for every answer. */
class Accepted implements Ok {
  readonly kind = 'ok'
  readonly resultJson: string
  readonly block: RevealedBlock | undefined
  readonly pending: boolean
  readonly strayed: boolean
  readonly #answer: ResultText

  constructor(answer: ResultText, facts: Pick<Ok, 'block' | 'pending' | 'strayed'>) {
    this.#answer = answer
    this.resultJson = answer.resultJson
    this.block = facts.block
    this.pending = facts.pending
    this.strayed = facts.strayed
  }

  get result(): unknown {
    return this.#answer.result
  }
}

/** Whether an answer names another block than the one that providers agree on at its height. */
function hasStrayed(
  { policy, need }: Question,
  { number, hash }: RevealedBlock,
  { canonical }: ServedChain,
): boolean {
  const agreed = canonical.hashOf(number)
  if (agreed === undefined || hash === undefined || agreed === hash) return false
  // What is asked for by the hash of a block may be of any fork; what is asked for by that of a
  // transaction may not.
  return need.kind !== 'hash' || policy.cache === 'immutable'
}

/** What a node that lacks a block would say, had it not said null. */
const blockNotFound = {
  kind: 'error',
  status: 200,
  code: -32001,
  message: 'block not found',
  dataJson: undefined,
} as const satisfies FailedReply

/** Whether a null denies a block that the chain has: then it tells of the node, not of the chain. */
function isOfAKnownBlock({ policy, need }: Question, headBlock: number | undefined): boolean {
  if (policy.onNull !== 'missing' || headBlock === undefined) return false
  return need.kind === 'range' && need.to <= headBlock
}

function blame(
  upstream: Upstream,
  request: RpcRequest,
  verdict: Verdict & { kind: 'failed' },
  context: AttemptContext,
): void {
  const { score } = verdict.error.facts
  if (score === 'success') upstream.recordSuccess(request.method)
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
  const { chain, clock, events } = context
  const { method } = request
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
