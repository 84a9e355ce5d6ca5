import type { ChainDefinition } from '@mooring/chains/chain'
import { familyOf } from '@mooring/chains/families'
import type { Family, NamedBlock } from '@mooring/chains/family'
import { type Asker, admits, isCovered } from '@mooring/market/selection/admission'
import { judgeHead } from '@mooring/market/selection/head'
import type { LagRule } from '@mooring/market/selection/observation'
import type { Clock } from '@mooring/telemetry/clock'
import { CanonicalWindow } from '../heads/canonical-window.ts'
import { agreedGenesis } from '../heads/genesis.ts'
import { HedgeBudget } from './hedge-budget.ts'
import { Shares } from './shares.ts'
import type { Upstream } from './upstream.ts'

/** Honest nodes are seldom further apart than this, whatever the block time. */
const spreadBlocksMin = 2
/** How often per poll interval an answer with a new block may have the others asked at once. */
const newsPerInterval = 4
/** How long a block that only one provider has shown may be news; then it is a claim nobody confirms. */
const unconfirmedMsMin = 2_000
/** Blocks whose hashes are kept: more than any chain takes to make a block final, but for the slowest. */
const canonicalBlocksMax = 16_384

export type ServedChainContext = {
  clock: Clock
  dropBlocks?: ((hashes: readonly string[]) => void) | undefined
}

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
  /** The blocks near the head that providers agree on. */
  canonical = new CanonicalWindow(canonicalBlocksMax)
  /** Whether the hash of a new head is looked for before the head is shown. */
  isFollowed = false
  readonly #clock: Clock
  readonly #dropBlocks: (hashes: readonly string[]) => void
  #generation = 0
  readonly #openedMs: number
  #genesisHash: string | undefined
  #scope: string
  #finalBlock: number | undefined
  #safeBlock: number | undefined
  #headNews = new AbortController()
  #judgedHead: number | undefined
  #servedHead: number | undefined
  #headBlock: number | undefined
  #headSinceMs = 0
  /** Since when some upstream has been above the head without a break. */
  #aheadSinceMs: number | undefined
  #news = new AbortController()
  #newsSinceMs = Number.NEGATIVE_INFINITY

  /** @param dropBlocks - Told of the hashes of blocks that are canonical no more. */
  constructor(
    chain: { definition: ChainDefinition; pollIntervalMs: number },
    upstreams: readonly Upstream[],
    { clock, dropBlocks = () => {} }: ServedChainContext,
  ) {
    this.definition = chain.definition
    this.#scope = chain.definition.name
    this.pollIntervalMs = chain.pollIntervalMs
    this.family = familyOf(chain.definition.family)
    this.upstreams = upstreams
    this.#clock = clock
    this.#dropBlocks = dropBlocks
    this.#openedMs = clock.nowMs()
    const { freshBlocks, criticalBlocks } = chain.definition.lag
    this.lag = { freshBlocks, criticalBlocks, aheadBlocksMax: criticalBlocks }
  }

  /** Goes on where the same chain was served before: its head does not step back over a reload. */
  adopt(before: ServedChain): void {
    this.upstreamShares = before.upstreamShares
    this.providerShares = before.providerShares
    this.#judgedHead = before.#judgedHead
    this.#servedHead = before.#servedHead
    this.#headBlock = before.#headBlock
    this.#headSinceMs = before.#headSinceMs
    this.canonical = before.canonical
    this.#generation = before.#generation
    this.#genesisHash = before.#genesisHash
    this.#scope = before.#scope
    this.#finalBlock = before.#finalBlock
    this.#safeBlock = before.#safeBlock
  }

  get name(): string {
    return this.definition.name
  }

  /**
   * The head to show a consumer who has seen none, in blocks. It steps back only when no upstream that is
   * left has reached what the others had; whoever saw that keeps it for a floor.
   */
  get headBlock(): number | undefined {
    return this.#headBlock
  }

  /** The head as the upstreams tell it; consumers are shown it when its hash has been looked for. */
  get judgedHead(): number | undefined {
    return this.#judgedHead
  }

  /** The highest block that cannot be replaced any more, in blocks. It never steps back. */
  get finalBlock(): number | undefined {
    return this.#finalBlock
  }

  /**
   * The highest block whose answers may be kept for good; -1 while there is none. Some way below the final
   * one: a node can be on a fork that finality has left, and gets no traffic only once it is far behind.
   */
  get keptBlock(): number {
    return Math.max(-1, (this.#finalBlock ?? -1) - this.lag.criticalBlocks)
  }

  get safeBlock(): number | undefined {
    return this.#safeBlock
  }

  /** Begins the keys of what is kept of this chain: one that started anew has others. */
  get scope(): string {
    return this.#scope
  }

  /** Whether the block was the head, or below it, for some consumer. */
  hasShown(block: number): boolean {
    return this.#servedHead !== undefined && block <= this.#servedHead
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

  /** Whether some upstream fit to serve takes what this caller sends. */
  isReadyFor(asker: Asker): boolean {
    if (this.#servedHead === undefined) return false
    return this.upstreams.some((upstream) => upstream.assignable && admits(upstream, asker))
  }

  /** Judges the head from the upstreams' claims, then scores every upstream against it. */
  review(): void {
    const nowMs = this.#clock.nowMs()
    this.#judge(nowMs)
    if (this.#judgedHead !== undefined) {
      if (!this.isFollowed) this.showHead(this.#judgedHead)
      else if (this.#judgedHead > (this.#servedHead ?? -1)) this.lookAtHead()
    }
    for (const upstream of this.upstreams) upstream.rescore(this.#judgedHead, this.lag, nowMs)
    this.#noticeClaims(nowMs)
    this.#setHead()
  }

  /**
   * An answer proves that its upstream has this block. It is that upstream's word alone, so the head
   * waits for a second provider; the others are asked at once whether they have it.
   */
  revealed(upstream: Upstream, block: number): void {
    if (this.#judgedHead === undefined || !this.#mayExist(block)) return
    upstream.reachedBlock(block)
    if (block <= this.#judgedHead) return
    this.review()
    if (block > this.#judgedHead) this.#callForNews()
  }

  /** Shows consumers a head whose hash was looked for. */
  showHead(block: number): void {
    if (this.#servedHead !== undefined && block <= this.#servedHead) return
    this.#servedHead = block
    this.#headSinceMs = this.#clock.nowMs()
    this.#setHead()
  }

  /** Aborted when the head should be looked at without waiting for the next round. */
  get headNews(): AbortSignal {
    return this.#headNews.signal
  }

  lookAtHead(): void {
    this.#headNews.abort()
    this.#headNews = new AbortController()
  }

  /** @param block - A claim that providers agree on; one above the head can only be a mistake. */
  raiseFinal(block: number): void {
    const max = Math.min(block, this.#servedHead ?? -1)
    if (max > (this.#finalBlock ?? -1)) this.#finalBlock = max
  }

  raiseSafe(block: number): void {
    const max = Math.min(block, this.#servedHead ?? -1)
    if (max > (this.#safeBlock ?? -1)) this.#safeBlock = max
  }

  /** Blocks of which nobody can tell any more whether they are canonical. */
  lostSight(blocks: readonly NamedBlock[]): void {
    this.#dropBlocks(blocks.map(({ hash }) => hash))
  }

  /** Blocks that another fork has replaced. */
  replaced(blocks: readonly NamedBlock[]): void {
    this.lostSight(blocks)
    // A chain that takes back what it called final has broken its word: nothing known of it counts.
    const wasFinal = blocks.some(({ number }) => number <= (this.#finalBlock ?? -1))
    if (!wasFinal) return
    this.#renew()
    this.#finalBlock = undefined
    this.#safeBlock = undefined
  }

  /**
   * Compares the first block as upstreams know it with the one known before: test chains start anew
   * under the same chain id.
   *
   * @returns Whether the chain has started anew.
   */
  noticeGenesis(): boolean {
    const genesisHash = this.#agreedGenesis()
    if (genesisHash === undefined || genesisHash === this.#genesisHash) return false
    const isAnew = this.#genesisHash !== undefined
    this.#genesisHash = genesisHash
    this.#renew()
    if (isAnew) {
      this.#startAnew()
      this.review()
    }
    return isAnew
  }

  #agreedGenesis(): string | undefined {
    const claims = this.upstreams.flatMap(({ chainId, genesisHash, provider }) =>
      chainId === 'right' && genesisHash !== undefined ? [{ provider, genesisHash }] : [],
    )
    const providers = new Set(this.upstreams.map(({ provider }) => provider)).size
    return agreedGenesis(claims, { known: this.#genesisHash, providers })
  }

  /**
   * Whether a block can exist by now. Above the head it may for a while: an upstream sees a block before
   * the others do. What no other one follows is one node's word, and must not lead consumers to it.
   */
  isPlausible(block: number): boolean {
    if (!this.#mayExist(block)) return false
    if (block <= Math.max(this.#judgedHead ?? -1, this.#servedHead ?? -1)) return true
    // Nobody stands by a block that large any more.
    if (this.#aheadSinceMs === undefined) return false
    const blocksMs = 2 * this.definition.blockTimeMs
    return this.#clock.nowMs() - this.#aheadSinceMs < Math.max(unconfirmedMsMin, blocksMs)
  }

  #mayExist(block: number): boolean {
    return this.#servedHead !== undefined && block <= this.#servedHead + this.lag.aheadBlocksMax
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

  /** Whether taking this upstream out leaves another one fit to serve those it serves. */
  canSpare(upstream: Upstream): boolean {
    return this.upstreams.some(
      (other) => other.id !== upstream.id && other.assignable && isCovered(upstream, other),
    )
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
    if (this.#judgedHead === undefined && !this.#isTimeToBegin(isAlone, nowMs)) return
    if (isAlone && headBlock > this.#farthestBelievable(nowMs)) return
    this.#judgedHead = headBlock
  }

  /** The first to answer may be the ones that lag, so all are given the time of one poll. */
  #isTimeToBegin(isAlone: boolean, nowMs: number): boolean {
    if (this.upstreams.every(({ wasHeardOf }) => wasHeardOf)) return true
    return !isAlone && nowMs - this.#openedMs >= this.pollIntervalMs
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

  #noticeClaims(nowMs: number): void {
    const head = Math.max(this.#judgedHead ?? -1, this.#servedHead ?? -1)
    const isAhead = this.upstreams.some(({ headBlock = -1, score }) => {
      return headBlock > head && score.score > 0
    })
    if (!isAhead) this.#aheadSinceMs = undefined
    else this.#aheadSinceMs ??= nowMs
  }

  /** Counts the lives of the chain: nothing that was learned in one is true in the next. */
  #renew(): void {
    this.#generation++
    this.#scope = `${this.name} ${this.#genesisHash ?? ''} ${this.#generation}`
  }

  #startAnew(): void {
    this.canonical.clear()
    this.#finalBlock = undefined
    this.#safeBlock = undefined
    this.#judgedHead = undefined
    this.#servedHead = undefined
    this.#headBlock = undefined
    this.#aheadSinceMs = undefined
  }

  #setHead(): void {
    const served = this.#servedHead
    const isReached = served !== undefined && this.isReached(served)
    this.#headBlock = isReached ? served : (this.#judgedHead ?? served)
  }
}
