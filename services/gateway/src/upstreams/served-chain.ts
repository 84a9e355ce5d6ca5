import type { ChainDefinition } from '@mooring/chains/chain'
import { familyOf } from '@mooring/chains/families'
import type { Family } from '@mooring/chains/family'
import { judgeHead } from '@mooring/market/selection/head'
import type { LagRule } from '@mooring/market/selection/observation'
import type { Clock } from '@mooring/telemetry/clock'
import { HedgeBudget } from './hedge-budget.ts'
import { Shares } from './shares.ts'
import type { Upstream } from './upstream.ts'

/** Honest nodes are seldom further apart than this, whatever the block time. */
const spreadBlocksMin = 2
/** How often per poll interval an answer with a new block may have the others asked at once. */
const newsPerInterval = 4
/** How long the judged head stays far below the served one before the chain is taken to have started anew. */
const resetMs = 15_000

/** One chain this gateway serves: its upstreams, and its head as judged from them. */
export class ServedChain {
  readonly definition: ChainDefinition
  readonly family: Family
  readonly pollIntervalMs: number
  readonly upstreams: readonly Upstream[]
  upstreamShares = new Shares()
  providerShares = new Shares()
  readonly hedges = new HedgeBudget()
  readonly lag: LagRule
  readonly #clock: Clock
  #judgedHead: number | undefined
  #servedHead: number | undefined
  #headSinceMs = 0
  #farBelowSinceMs: number | undefined
  #news = new AbortController()
  #newsSinceMs = Number.NEGATIVE_INFINITY

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

  /** Goes on where the same chain was served before: its head does not step back over a reload. */
  adopt(before: ServedChain): void {
    this.upstreamShares = before.upstreamShares
    this.providerShares = before.providerShares
    this.#judgedHead = before.#judgedHead
    this.#servedHead = before.#servedHead
    this.#headSinceMs = before.#headSinceMs
  }

  get name(): string {
    return this.definition.name
  }

  /** The head every consumer may be shown, in blocks. It never steps back, unless the chain itself starts anew. */
  get headBlock(): number | undefined {
    return this.#servedHead
  }

  /** Time since the head last moved. */
  get headAgeMs(): number {
    return this.#servedHead === undefined ? 0 : this.#clock.nowMs() - this.#headSinceMs
  }

  /** Whether some upstream fit to serve has reached the block. */
  isReached(block: number): boolean {
    return this.upstreams.some(({ assignable, headBlock = 0 }) => assignable && headBlock >= block)
  }

  get ready(): boolean {
    return this.#servedHead !== undefined && this.upstreams.some(({ assignable }) => assignable)
  }

  /** Judges the head from the upstreams' claims, then scores every upstream against it. */
  review(): void {
    const nowMs = this.#clock.nowMs()
    this.#judge(nowMs)
    if (this.#judgedHead !== undefined) {
      this.#serveHead(this.#judgedHead)
      this.#noticeReset(this.#judgedHead, nowMs)
    }
    for (const upstream of this.upstreams) upstream.rescore(this.#judgedHead, this.lag, nowMs)
  }

  /**
   * An answer proves that its upstream has this block. It is that upstream's word alone, so the head
   * waits for a second provider; the others are asked at once whether they have it.
   */
  revealed(upstream: Upstream, block: number): void {
    if (this.#judgedHead === undefined || !this.isPlausible(block)) return
    upstream.reachedBlock(block)
    if (block <= this.#judgedHead) return
    this.review()
    if (block > this.#judgedHead) this.#callForNews()
  }

  /** Whether a block can exist by now: near the head, as one upstream sees it a little before the others. */
  isPlausible(block: number): boolean {
    return this.#servedHead !== undefined && block <= this.#servedHead + this.#spreadBlocks
  }

  /** Aborted when the upstreams should be observed without waiting for the next beat. */
  get news(): AbortSignal {
    return this.#news.signal
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

  #judge(nowMs: number): void {
    const claims = this.upstreams.flatMap(({ chainId, answersHeight, provider, headBlock }) =>
      chainId === 'right' && answersHeight && headBlock !== undefined
        ? [{ provider, headBlock }]
        : [],
    )
    const judged = judgeHead(claims, this.#spreadBlocks, this.#judgedHead)
    if (judged === undefined) return
    const { headBlock, providers } = judged
    // A lone claim is believed where nobody else could say otherwise, and then only in small steps.
    const isAlone = providers < 2 && new Set(this.upstreams.map((each) => each.provider)).size > 1
    if (isAlone && this.#judgedHead === undefined && !this.#allHeardOf) return
    if (isAlone && headBlock > this.#farthestBelievable(nowMs)) return
    this.#judgedHead = headBlock
  }

  get #allHeardOf(): boolean {
    return this.upstreams.every(({ wasHeardOf }) => wasHeardOf)
  }

  /** Where the head can be by now, when nobody has told for a while. */
  #farthestBelievable(nowMs: number): number {
    if (this.#judgedHead === undefined) return Number.POSITIVE_INFINITY
    const elapsedBlocks = (nowMs - this.#headSinceMs) / this.definition.blockTimeMs
    return this.#judgedHead + this.lag.criticalBlocks + 2 * elapsedBlocks
  }

  #callForNews(): void {
    const nowMs = this.#clock.nowMs()
    if (nowMs - this.#newsSinceMs < this.pollIntervalMs / newsPerInterval) return
    this.#newsSinceMs = nowMs
    this.#news.abort()
    this.#news = new AbortController()
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
