import type { ChainDefinition } from '@mooring/chains/chain'
import { familyOf } from '@mooring/chains/families'
import type { Family } from '@mooring/chains/family'
import { judgeHead } from '@mooring/market/selection/head'
import type { LagRule } from '@mooring/market/selection/observation'
import type { Clock } from '@mooring/telemetry/clock'
import { Shares } from './shares.ts'
import type { Upstream } from './upstream.ts'

/** Honest nodes are seldom further apart than this, whatever the block time. */
const spreadBlocksMin = 2
/** How long the judged head stays far below the served one before the chain is taken to have started anew. */
const resetMs = 15_000

/** One chain this gateway serves: its upstreams, and its head as judged from them. */
export class ServedChain {
  readonly definition: ChainDefinition
  readonly family: Family
  readonly pollIntervalMs: number
  readonly upstreams: readonly Upstream[]
  readonly upstreamShares = new Shares()
  readonly providerShares = new Shares()
  readonly lag: LagRule
  readonly #clock: Clock
  #judgedHead: number | undefined
  #servedHead: number | undefined
  #headSinceMs = 0
  #farBelowSinceMs: number | undefined

  constructor(
    chain: { definition: ChainDefinition; pollIntervalMs: number },
    upstreams: readonly Upstream[],
    clock: Clock,
  ) {
    this.definition = chain.definition
    this.pollIntervalMs = chain.pollIntervalMs
    this.family = familyOf(chain.definition.family)
    this.upstreams = upstreams
    this.#clock = clock
    const { freshBlocks, criticalBlocks } = chain.definition.lag
    this.lag = { freshBlocks, criticalBlocks, aheadBlocksMax: criticalBlocks }
  }

  get name(): string {
    return this.definition.name
  }

  /** The head consumers see, in blocks. It never steps back, unless the chain itself starts anew. */
  get headBlock(): number | undefined {
    return this.#servedHead
  }

  /** Time since the head last moved. */
  get headAgeMs(): number {
    return this.#servedHead === undefined ? 0 : this.#clock.nowMs() - this.#headSinceMs
  }

  /** The head, where some upstream fit to serve has reached it. */
  get reachableHead(): number | undefined {
    const head = this.#servedHead
    if (head === undefined) return undefined
    const isReached = this.upstreams.some(
      ({ assignable, headBlock = 0 }) => assignable && headBlock >= head,
    )
    return isReached ? head : undefined
  }

  get ready(): boolean {
    return this.upstreams.some(({ assignable }) => assignable)
  }

  /** Judges the head from the upstreams' claims, then scores every upstream against it. */
  review(): void {
    const claims = this.upstreams.flatMap(({ chainId, answersHeight, provider, headBlock }) =>
      chainId === 'right' && answersHeight && headBlock !== undefined
        ? [{ provider, headBlock }]
        : [],
    )
    const nowMs = this.#clock.nowMs()
    this.#judgedHead = judgeHead(claims, this.#spreadBlocks, this.#judgedHead) ?? this.#judgedHead
    if (this.#judgedHead !== undefined) {
      this.#serveHead(this.#judgedHead)
      this.#noticeReset(this.#judgedHead, nowMs)
    }
    for (const upstream of this.upstreams) upstream.rescore(this.#judgedHead, this.lag, nowMs)
  }

  /**
   * A consumer saw this block in an answer, so the head it is shown must not be lower. Believed only
   * near the judged head, so that one liar cannot push the head away.
   */
  revealed(upstream: Upstream, block: number): void {
    if (this.#judgedHead === undefined || block > this.#judgedHead + this.#spreadBlocks) return
    upstream.reachedBlock(block)
    this.#serveHead(block)
  }

  /** Whether some upstream may offer the method: false once every one fit to serve has said it does not. */
  offers(method: string): boolean {
    const nowMs = this.#clock.nowMs()
    const fit = this.upstreams.filter(({ assignable }) => assignable)
    return fit.length === 0 || fit.some(({ lessons }) => lessons.offers(method, nowMs))
  }

  /** Whether taking this upstream out leaves another one fit to serve. */
  canSpare(upstream: Upstream): boolean {
    return this.upstreams.some((other) => other !== upstream && other.assignable)
  }

  get #spreadBlocks(): number {
    return Math.max(spreadBlocksMin, this.lag.freshBlocks)
  }

  /** A chain that starts anew, as test chains do: the head everyone agrees on stays far below the one served. */
  #noticeReset(judgedHead: number, nowMs: number): void {
    const isFarBelow = (this.#servedHead ?? 0) - judgedHead >= this.lag.criticalBlocks
    if (!isFarBelow) this.#farBelowSinceMs = undefined
    else this.#farBelowSinceMs ??= nowMs
    if (this.#farBelowSinceMs === undefined || nowMs - this.#farBelowSinceMs < resetMs) return
    this.#farBelowSinceMs = undefined
    this.#servedHead = undefined
    this.#serveHead(judgedHead)
  }

  #serveHead(block: number): void {
    if (this.#servedHead !== undefined && block <= this.#servedHead) return
    this.#servedHead = block
    this.#headSinceMs = this.#clock.nowMs()
  }
}
