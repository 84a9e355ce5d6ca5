import type { BlockNeed, MethodPolicy } from '@mooring/chains/family'
import type { RpcRequest } from '@mooring/protocol/json-rpc/request'
import type { SelectionRule } from '../upstreams/selection.ts'
import { selectUpstream } from '../upstreams/selection.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { type AttemptContext, attempt } from './attempt.ts'
import { type AttemptReason, isNull, type Outcome } from './outcome.ts'
import {
  attemptsMax,
  bestOf,
  deadlines,
  decide,
  hedgeAfterMs,
  mayHedge,
  mayRepeat,
} from './rules.ts'

export type RelayContext = AttemptContext & {
  providerShareMax: number
  random: () => number
}

/** Every attempt in order of finishing; `answer` is the decisive one, undefined when no upstream was fit. */
export type RelayResult = {
  answer: Outcome | undefined
  outcomes: Outcome[]
  outrun: OutrunAttempt[]
}

/** An attempt that was still running when another had answered. */
export type OutrunAttempt = { upstream: Upstream; reason: AttemptReason; startedMs: number }

/**
 * Gets one request answered: picks an upstream, races a second after the p95 of the first, moves on by
 * error class, within one deadline and at most three upstreams.
 */
export async function relay(request: RpcRequest, context: RelayContext): Promise<RelayResult> {
  return await new Relay(request, context).run()
}

type Running = OutrunAttempt & { done: Promise<void> }

/** One request on its way; lives until it is answered. */
class Relay {
  readonly #request: RpcRequest
  readonly #context: RelayContext
  readonly #policy: MethodPolicy
  readonly #need: BlockNeed
  readonly #tried = new Set<Upstream>()
  readonly #running = new Set<Running>()
  readonly #finished: Outcome[] = []
  readonly #outcomes: Outcome[] = []
  readonly #endMs: number
  #hedged = false

  constructor(request: RpcRequest, context: RelayContext) {
    this.#request = request
    this.#context = context
    this.#policy = context.chain.family.policyOf(request.method)
    this.#need = context.chain.family.blockNeedOf(request)
    this.#endMs = context.clock.nowMs() + deadlines[this.#policy.deadline].totalMs
  }

  async run(): Promise<RelayResult> {
    this.#start('first')
    for (;;) {
      const outcome = this.#finished.shift()
      if (outcome === undefined) {
        if (this.#running.size === 0) return this.#result(bestOf(this.#outcomes))
        if ((await this.#wait()) === 'time to hedge') this.#start('hedge')
        continue
      }
      const decision = decide(outcome, this.#outcomes, {
        policy: this.#policy,
        need: this.#need,
        head: this.#context.chain.headBlock,
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
    const { chain, clock, providerShareMax, random } = this.#context
    const nowMs = clock.nowMs()
    const leftMs = this.#endMs - nowMs
    if (this.#tried.size >= attemptsMax || leftMs <= 0) return
    const rule: SelectionRule = { providerShareMax, random, nowMs }
    const { method } = this.#request
    const ask = { method, policy: this.#policy, need: this.#need, tried: this.#tried }
    const upstream = selectUpstream(chain, ask, rule)
    if (upstream === undefined) return
    this.#tried.add(upstream)
    const timeoutMs = Math.min(leftMs, deadlines[this.#policy.deadline].attemptMs)
    const options = { reason, timeoutMs, repeatable: mayRepeat(this.#policy) }
    const running: Running = { upstream, reason, startedMs: nowMs, done: Promise.resolve() }
    running.done = attempt(upstream, this.#request, options, this.#context).then((outcome) => {
      this.#running.delete(running)
      this.#finished.push(outcome)
    })
    this.#running.add(running)
  }

  /** Until an attempt has finished or it is time to race another one. */
  async #wait(): Promise<'finished' | 'time to hedge'> {
    const attempts = [...this.#running].map(({ done }) => done)
    const first = this.#running.values().next().value
    if (this.#hedged || first === undefined || !mayHedge(this.#policy)) {
      await Promise.race(attempts)
      return 'finished'
    }
    const { clock } = this.#context
    const { attemptMs } = deadlines[this.#policy.deadline]
    const afterMs = hedgeAfterMs(first.upstream.latencies.p95Ms(this.#request.method), attemptMs)
    const waiting = new AbortController()
    const timer = clock.sleep(first.startedMs + afterMs - clock.nowMs(), waiting.signal)
    await Promise.race([...attempts, timer])
    waiting.abort()
    if (this.#finished.length > 0) return 'finished'
    this.#hedged = true
    return 'time to hedge'
  }

  #result(answer: Outcome | undefined): RelayResult {
    return { answer, outcomes: this.#outcomes, outrun: [...this.#running] }
  }
}
