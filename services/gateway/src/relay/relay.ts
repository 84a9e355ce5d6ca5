import type { Deadline, Deadlines } from '@mooring/http-client/deadlines'
import type { Asker } from '@mooring/market/selection/admission'
import type { SelectionRule } from '../upstreams/selection.ts'
import { selectUpstream } from '../upstreams/selection.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { startAttempt } from './attempt.ts'
import type { AttemptContext } from './attempt-context.ts'
import {
  type AttemptReason,
  isNull,
  type Outcome,
  type OutrunAttempt,
  type RelayResult,
} from './outcome.ts'
import type { Question } from './question.ts'
import { blameAlone } from './record.ts'
import {
  bestOf,
  blockWaitMsMax,
  deadlines,
  decide,
  hedgeAfterMs,
  isAnswer,
  mayAppearSoon,
  mayHedge,
  mayRepeat,
  mayTryAnother,
} from './rules.ts'

export type RelayContext = AttemptContext &
  Asker & {
    /** When it is time to hedge, for all requests. */
    timers: Deadlines
    /** Asked before all others, where it is fit. */
    preferred: Upstream | undefined
    providerShareMax: number
    random: () => number
  }

/**
 * Gets one request answered: picks an upstream, races a second after the p95 of the first, moves on by
 * error class, within one deadline and at most three upstreams.
 */
export function relay(question: Question, context: RelayContext): Promise<RelayResult> {
  return relayed(question, context, { isRepeatable: mayRepeat(question.policy) })
}

/** As `relay`, of a write that nothing names: sending it again could do it again. */
export function relayOnce(question: Question, context: RelayContext): Promise<RelayResult> {
  return relayed(question, context, { isRepeatable: false })
}

function relayed(
  question: Question,
  context: RelayContext,
  { isRepeatable }: { isRepeatable: boolean },
): Promise<RelayResult> {
  return new Promise((resolve, reject) => {
    new Relay(question, context, { isRepeatable, resolve, reject }).run()
  })
}

/**
 * One request on its way; lives until it is answered. What happens to its attempts drives it, so that
 * the usual case, one attempt that is answered, costs one promise and one deadline.
 */
class Relay {
  readonly #question: Question
  readonly #context: RelayContext
  readonly #isRepeatable: boolean
  readonly #range: { from: number; to: number } | undefined
  readonly #tried: Upstream[] = []
  readonly #running: OutrunAttempt[] = []
  readonly #outcomes: Outcome[] = []
  readonly #startedMs: number
  readonly #endMs: number
  readonly #resolve: (result: RelayResult) => void
  readonly #reject: (error: unknown) => void
  #hedge: Deadline | undefined
  #hedged = false
  #waited = false
  #isOver = false
  /** Whether it ended with what a node that works would say. */
  #isAnswered = false

  constructor(
    question: Question,
    context: RelayContext,
    {
      isRepeatable,
      resolve,
      reject,
    }: {
      isRepeatable: boolean
      resolve: (result: RelayResult) => void
      reject: (error: unknown) => void
    },
  ) {
    this.#resolve = resolve
    this.#reject = reject
    const { request, policy } = question
    this.#question = question
    this.#context = context
    this.#isRepeatable = isRepeatable
    this.#range = context.chain.family.scanRangeOf(request, context.chain.headBlock ?? 0)
    this.#startedMs = context.clock.nowMs()
    this.#endMs = this.#startedMs + deadlines[policy.deadline].totalMs
  }

  run(): void {
    this.#context.chain.hedges.earn()
    if (!this.#start('first', this.#startedMs)) this.#exhaust()
  }

  /**
   * Sends the request to one more upstream, if there is one and time is left. What comes of it may be
   * known, and dealt with, before this returns.
   */
  #start(reason: AttemptReason, nowMs = this.#context.clock.nowMs()): boolean {
    const { chain, headBlock: head, preferred, pools, isCommunity, wantsSignature } = this.#context
    const { providerShareMax, random } = this.#context
    if (nowMs >= this.#endMs || !mayTryAnother(this.#outcomes, this.#running.length)) return false
    const rule: SelectionRule = { providerShareMax, random, nowMs }
    const { request, policy, need } = this.#question
    const ask = {
      method: request.method,
      policy,
      need,
      head,
      range: this.#range,
      preferred,
      tried: this.#tried,
      pools,
      isCommunity,
      wantsSignature,
    }
    const upstream = selectUpstream(chain, ask, rule)
    if (upstream === undefined) return false
    this.#send(upstream, reason, nowMs)
    return true
  }

  #send(upstream: Upstream, reason: AttemptReason, startedMs: number): void {
    const { attemptMs } = deadlines[this.#question.policy.deadline]
    const timeoutMs = Math.min(this.#endMs - startedMs, attemptMs)
    if (!this.#tried.includes(upstream)) this.#tried.push(upstream)
    const running = { upstream, reason, startedMs }
    this.#running.push(running)
    if (this.#running.length === 1) this.#watch(running, attemptMs)
    const options = { reason, timeoutMs, startedMs, repeatable: this.#isRepeatable }
    startAttempt(upstream, this.#question, options, this.#context, (outcome) => {
      if ('broke' in outcome) this.#break(outcome.broke)
      else this.#finished(running, outcome)
    })
  }

  /** Sees to it that another upstream is raced when this one takes long. */
  #watch({ upstream, startedMs }: OutrunAttempt, attemptMs: number): void {
    if (this.#hedged || !mayHedge(this.#question.policy)) return
    const afterMs = hedgeAfterMs(upstream.latencies.p95Ms(this.#question.request.method), attemptMs)
    // One timer for all requests: nearly every relay is over before it is time to race it.
    this.#hedge = this.#context.timers.add(startedMs + afterMs, () => this.#race())
  }

  #race(): void {
    this.#hedged = true
    try {
      if (this.#context.chain.hedges.take()) this.#start('hedge')
    } catch (error) {
      this.#break(error)
    }
  }

  #finished(running: OutrunAttempt, outcome: Outcome): void {
    if (this.#isOver) {
      // It was outrun by an answer, and has now failed.
      if (this.#isAnswered) blameAlone(outcome, this.#question.request, this.#context)
      return
    }
    this.#running.splice(this.#running.indexOf(running), 1)
    if (this.#running.length === 0) this.#unwatch()
    try {
      this.#judge(outcome)
    } catch (error) {
      this.#break(error)
    }
  }

  #judge(outcome: Outcome): void {
    const decision = decide(outcome, this.#outcomes, {
      policy: this.#question.policy,
      isRepeatable: this.#isRepeatable,
      need: this.#question.need,
      head: this.#context.headBlock,
    })
    this.#outcomes.push(outcome)
    if (decision === 'final') {
      this.#end(outcome)
      return
    }
    // One that is late already is not waited for while others may be asked: it may never answer.
    if (this.#running.length > 0 && !this.#hedged) return
    const isStarted = this.#start(isNull(outcome.verdict) ? 'second opinion' : 'failover')
    if (!isStarted && this.#running.length === 0) this.#exhaust()
  }

  /** Nobody is left to ask: the answer is the best there is, unless a block is worth waiting for. */
  #exhaust(): void {
    if (!this.#isWorthABlock()) {
      this.#end(bestOf(this.#outcomes))
      return
    }
    this.#waited = true
    void this.#context.clock.sleep(this.#blockWaitMs).then(() => {
      const freshest = this.#freshestTried()
      if (freshest === undefined) this.#end(bestOf(this.#outcomes))
      else this.#send(freshest, 'next block', this.#context.clock.nowMs())
    })
  }

  get #blockWaitMs(): number {
    return Math.min(this.#context.chain.definition.blockTimeMs, blockWaitMsMax)
  }

  /** Upstreams that have not reached a block near the head may have it one block later. */
  #isWorthABlock(): boolean {
    const { clock, headBlock } = this.#context
    return (
      !this.#waited &&
      this.#isRepeatable &&
      clock.nowMs() + this.#blockWaitMs < this.#endMs &&
      mayAppearSoon(this.#outcomes, { need: this.#question.need, head: headBlock })
    )
  }

  #freshestTried(): Upstream | undefined {
    return this.#tried
      .filter(({ assignable }) => assignable)
      .sort((a, b) => (b.headBlock ?? 0) - (a.headBlock ?? 0))[0]
  }

  #end(answer: Outcome | undefined): void {
    this.#isOver = true
    this.#isAnswered = answer !== undefined && isAnswer(answer)
    if (this.#isAnswered) {
      for (const outcome of this.#outcomes)
        blameAlone(outcome, this.#question.request, this.#context)
    }
    this.#unwatch()
    this.#resolve({
      isRepeatable: this.#isRepeatable,
      answer,
      outcomes: this.#outcomes,
      outrun: this.#running,
    })
  }

  #break(error: unknown): void {
    this.#isOver = true
    this.#unwatch()
    this.#reject(error)
  }

  #unwatch(): void {
    if (this.#hedge !== undefined) this.#context.timers.remove(this.#hedge)
    this.#hedge = undefined
  }
}
