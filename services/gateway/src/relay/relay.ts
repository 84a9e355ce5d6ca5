import type { BlockNeed, MethodPolicy } from '@mooring/chains/family'
import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { Deadlines } from '../http-client/deadlines.ts'
import type { SelectionRule } from '../upstreams/selection.ts'
import { selectUpstream } from '../upstreams/selection.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { type AttemptContext, attempt } from './attempt.ts'
import {
  type AttemptReason,
  isNull,
  type Outcome,
  type OutrunAttempt,
  type RelayResult,
} from './outcome.ts'
import {
  bestOf,
  blockWaitMsMax,
  deadlines,
  decide,
  hedgeAfterMs,
  mayAppearSoon,
  mayHedge,
  mayRepeat,
  mayTryAnother,
} from './rules.ts'

export type RelayContext = AttemptContext & {
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
export async function relay(request: RpcRequest, context: RelayContext): Promise<RelayResult> {
  const policy = context.chain.family.policyOf(request.method)
  return await new Relay(request, policy, { ...context, isRepeatable: mayRepeat(policy) }).run()
}

/** As `relay`, of a write that nothing names: sending it again could do it again. */
export async function relayOnce(request: RpcRequest, context: RelayContext): Promise<RelayResult> {
  const policy = context.chain.family.policyOf(request.method)
  return await new Relay(request, policy, { ...context, isRepeatable: false }).run()
}

type Running = OutrunAttempt & { done: Promise<void> }

/** One request on its way; lives until it is answered. */
class Relay {
  readonly #request: RpcRequest
  readonly #context: RelayContext & { isRepeatable: boolean }
  readonly #policy: MethodPolicy
  readonly #need: BlockNeed
  readonly #range: { from: number; to: number } | undefined
  readonly #tried = new Set<Upstream>()
  readonly #running = new Set<Running>()
  readonly #finished: Outcome[] = []
  readonly #outcomes: Outcome[] = []
  readonly #endMs: number
  readonly #broke: unknown[] = []
  #hedged = false
  #waited = false

  constructor(
    request: RpcRequest,
    policy: MethodPolicy,
    context: RelayContext & { isRepeatable: boolean },
  ) {
    this.#request = request
    this.#context = context
    this.#policy = policy
    this.#need = context.chain.family.blockNeedOf(request)
    this.#range = context.chain.family.scanRangeOf(request, context.chain.headBlock ?? 0)
    this.#endMs = context.clock.nowMs() + deadlines[this.#policy.deadline].totalMs
  }

  async run(): Promise<RelayResult> {
    this.#context.chain.hedges.earn()
    this.#start('first')
    for (;;) {
      if (this.#broke.length > 0) throw this.#broke[0]
      const outcome = this.#finished.shift()
      if (outcome === undefined) {
        if (this.#running.size > 0) {
          const isLate = (await this.#wait()) === 'time to hedge'
          if (isLate && this.#context.chain.hedges.take()) this.#start('hedge')
        } else if (!(await this.#retryAfterABlock())) {
          return this.#result(bestOf(this.#outcomes))
        }
        continue
      }
      const decision = decide(outcome, this.#outcomes, {
        policy: this.#policy,
        isRepeatable: this.#context.isRepeatable,
        need: this.#need,
        head: this.#context.headBlock,
      })
      this.#outcomes.push(outcome)
      if (decision === 'final') return this.#result(outcome)
      if (this.#running.size === 0 && this.#finished.length === 0) {
        this.#start(isNull(outcome.verdict) ? 'second opinion' : 'failover')
      }
    }
  }

  /** Sends the request to one more upstream, if there is one and time is left. */
  #start(reason: AttemptReason): void {
    const { chain, clock, headBlock: head, preferred, providerShareMax, random } = this.#context
    const nowMs = clock.nowMs()
    if (nowMs >= this.#endMs || !mayTryAnother(this.#outcomes, this.#running.size)) return
    const rule: SelectionRule = { providerShareMax, random, nowMs }
    const { method } = this.#request
    const ask = {
      method,
      policy: this.#policy,
      need: this.#need,
      head,
      range: this.#range,
      preferred,
      tried: this.#tried,
    }
    const upstream = selectUpstream(chain, ask, rule)
    if (upstream !== undefined) this.#send(upstream, reason)
  }

  #send(upstream: Upstream, reason: AttemptReason): void {
    const startedMs = this.#context.clock.nowMs()
    const { attemptMs } = deadlines[this.#policy.deadline]
    const timeoutMs = Math.min(this.#endMs - startedMs, attemptMs)
    this.#tried.add(upstream)
    const options = { reason, timeoutMs, repeatable: this.#context.isRepeatable }
    const running: Running = { upstream, reason, startedMs, done: Promise.resolve() }
    const attempted = attempt(upstream, this.#request, options, this.#context)
    running.done = attempted
      .then(
        (outcome) => void this.#finished.push(outcome),
        (error: unknown) => void this.#broke.push(error),
      )
      .finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  /**
   * Upstreams that have not reached a block near the head may have it one block later, so the freshest
   * of those tried is asked once more. Resolves to whether it is.
   */
  async #retryAfterABlock(): Promise<boolean> {
    const { chain, clock, headBlock } = this.#context
    const { blockTimeMs } = chain.definition
    const waitMs = Math.min(blockTimeMs, blockWaitMsMax)
    const isWorthIt =
      !this.#waited &&
      this.#context.isRepeatable &&
      clock.nowMs() + waitMs < this.#endMs &&
      mayAppearSoon(this.#outcomes, { need: this.#need, head: headBlock })
    if (!isWorthIt) return false
    this.#waited = true
    await clock.sleep(waitMs)
    const freshest = [...this.#tried]
      .filter(({ assignable }) => assignable)
      .sort((a, b) => (b.headBlock ?? 0) - (a.headBlock ?? 0))[0]
    if (freshest === undefined) return false
    this.#send(freshest, 'next block')
    return true
  }

  /** Until an attempt has finished or it is time to race another one. */
  async #wait(): Promise<'finished' | 'time to hedge'> {
    const attempts = [...this.#running].map(({ done }) => done)
    const first = this.#running.values().next().value
    if (this.#hedged || first === undefined || !mayHedge(this.#policy)) {
      await Promise.race(attempts)
      return 'finished'
    }
    const { timers } = this.#context
    const { attemptMs } = deadlines[this.#policy.deadline]
    const afterMs = hedgeAfterMs(first.upstream.latencies.p95Ms(this.#request.method), attemptMs)
    // One timer for all requests: nearly every relay is over before it is time to race it.
    const late = Promise.withResolvers<void>()
    const deadline = timers.add(first.startedMs + afterMs, late.resolve)
    await Promise.race([...attempts, late.promise])
    timers.remove(deadline)
    if (this.#finished.length > 0) return 'finished'
    this.#hedged = true
    return 'time to hedge'
  }

  #result(answer: Outcome | undefined): RelayResult {
    return { answer, outcomes: this.#outcomes, outrun: [...this.#running] }
  }
}
