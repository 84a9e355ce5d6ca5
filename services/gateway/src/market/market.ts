import { createReader } from '@mooring/onchain/clients'
import type { System } from '@mooring/onchain/contracts'
import type { Deployment } from '@mooring/onchain/deployment'
import { type Cursor, followEvents, ReorgTooDeep } from '@mooring/onchain/events/follow'
import { isUnreachable } from '@mooring/onchain/failures'
import type { Resolve } from '@mooring/outbound/target'
import type { MarketNodeReport, MarketReport } from '@mooring/protocol/reports/market'
import type { Clock } from '@mooring/telemetry/clock'
import { type Loop, startLoop } from '@mooring/telemetry/loop'
import { type MarketSettings, reorgBlocksMax } from '../config-market.ts'
import type { Events } from '../events.ts'
import { ChainView, type ServingNode } from './chain-view.ts'
import { Endpoints, type Place } from './endpoints.ts'
import type { MarketNode } from './node-upstreams.ts'

export type MarketContext = {
  settings: MarketSettings
  deployment: Deployment
  clock: Clock
  events: Events
  /** Names of the chains that are served: nodes of others are nobody's business here. */
  chains: () => ReadonlySet<string>
  /** Told of all nodes to be served whenever they, or what is staked, are others. */
  onNodes: (nodes: readonly MarketNode[]) => void
  resolve?: Resolve | undefined
}

/** Of one answer of the settlement chain's nodes. */
const answerTimeoutMs = 5_000
const watchPauseMs = 1_000

/**
 * Follows on the settlement chain who may serve, at its newest block, and finds out where those nodes take requests. A
 * node comes once it has been so for some blocks, and leaves with the first that says otherwise. While the chain cannot
 * be read the nodes stay as they were: it alone says who has to leave, and its absence is no fault of theirs.
 */
export class Market {
  readonly #context: MarketContext
  readonly #view = new ChainView()
  readonly #endpoints: Endpoints
  readonly #stopping = new AbortController()
  #watch: Loop | undefined
  /** Ends the questions to one node of the chain, so that the next is asked. */
  #turn = new AbortController()
  #turns = 0
  /** When the chain showed a block that is new here. */
  #heardMs: number
  /** When that was, or when another node was asked since. */
  #turnedMs: number
  #isSilent = false
  /** Where the stream is taken up again; undefined where all is read anew. */
  #cursor: Cursor | undefined
  #nodes: readonly MarketNode[] = []

  constructor(context: MarketContext) {
    this.#context = context
    const onFound = () => this.refresh()
    this.#endpoints = new Endpoints({ ...context, onFound })
    this.#heardMs = context.clock.nowMs()
    this.#turnedMs = this.#heardMs
  }

  start(): void {
    const { clock, events } = this.#context
    this.#endpoints.start()
    void this.#run()
    this.#watch = startLoop({
      clock,
      pauseMs: watchPauseMs,
      onError: (error) => events.broke(error, 'watching the settlement chain'),
      round: async () => this.#noticeSilence(),
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    // A question to the settlement chain that is under way is not waited for: its answer changes nothing any more.
    await Promise.all([this.#endpoints.stop(), this.#watch?.stop()])
  }

  /** Looks at once whether other nodes are to be served: after a reload there may be other chains. */
  refresh(): void {
    if (this.#stopping.signal.aborted) return
    const { events, onNodes } = this.#context
    const wanted = this.#wanted()
    this.#endpoints.want(wanted)
    const nodes = wanted.flatMap((node) => {
      const place = this.#isConfirmed(node) ? this.#endpoints.placeOf(node) : undefined
      return place === undefined ? [] : [marketNodeOf(node, place)]
    })
    const before = this.#nodes
    if (Bun.deepEquals(nodes, before)) return
    this.#nodes = nodes
    for (const node of nodes) if (!before.some((old) => isSame(old, node))) events.nodeJoined(node)
    for (const old of before) {
      if (nodes.some((node) => isSame(node, old))) continue
      events.nodeLeft(old, this.#view.whyNot(old.nodeId, old.providerId))
    }
    onNodes(nodes)
  }

  report(): MarketReport {
    return {
      block: this.#view.block === undefined ? null : String(this.#view.block.number),
      silenceMs: Math.round(this.#context.clock.nowMs() - this.#heardMs),
      nodes: this.#wanted().map((node) => this.#reportOf(node)),
    }
  }

  #reportOf(node: ServingNode): MarketNodeReport {
    const served = this.#nodes.find(({ nodeId }) => nodeId === node.nodeId)
    const why = this.#endpoints.whyNot(node)
    const state = served !== undefined ? 'served' : why === undefined ? 'waiting' : 'refused'
    return {
      nodeId: String(node.nodeId),
      providerId: String(node.providerId),
      chains: [...node.chains],
      stake: String(node.stake.perNode),
      state,
      why: state === 'refused' ? (why ?? null) : null,
    }
  }

  #wanted(): ServingNode[] {
    const served = this.#context.chains()
    return this.#view.serving().filter(({ chains }) => chains.some((name) => served.has(name)))
  }

  #isConfirmed({ sinceBlock }: ServingNode): boolean {
    const head = this.#view.block?.number ?? 0n
    return head - sinceBlock >= BigInt(this.#context.settings.confirmationBlocks)
  }

  async #run(): Promise<void> {
    const { settings, clock } = this.#context
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#turn = new AbortController()
      this.#turnedMs = clock.nowMs()
      try {
        await this.#follow(AbortSignal.any([signal, this.#turn.signal]))
      } catch (error) {
        this.#failed(error)
      }
      this.#turns++
      await clock.sleep(settings.pollIntervalMs, signal)
    }
  }

  #failed(error: unknown): void {
    if (this.#stopping.signal.aborted) return
    // Its blocks may be gone, or their state: what is true at the head can always be asked.
    if (!isUnreachable(error)) this.#cursor = undefined
    const { rpcUrls } = this.#context.settings
    this.#context.events.settlementFailed((this.#turns % rpcUrls.length) + 1, whyOf(error))
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { settings } = this.#context
    const system = await this.#open()
    const from = await this.#begin(system)
    this.#context.events.settlementAnswered()
    this.refresh()
    const options = { from, pollMs: settings.pollIntervalMs, reorgBlocksMax, signal }
    for await (const item of followEvents(system, options)) {
      await this.#view.follow(system, item)
      this.#cursor = item.cursor
      this.#heard()
      this.refresh()
    }
  }

  async #open(): Promise<System> {
    const { settings, deployment } = this.#context
    const { chainId } = deployment
    const url = settings.rpcUrls[this.#turns % settings.rpcUrls.length] ?? ''
    const reader = createReader({ url, chainId, timeoutMs: answerTimeoutMs })
    if ((await reader.getChainId()) !== chainId) throw new WrongChain()
    return { reader, deployment }
  }

  /**
   * Where it was, if that is near enough for any node to hold its state; else so far below the head that whoever may
   * serve there is confirmed at the head.
   */
  async #begin({ reader, deployment }: System): Promise<Cursor> {
    const head = await reader.getBlockNumber()
    const cursor = this.#cursor
    if (cursor !== undefined && head - cursor.number <= BigInt(reorgBlocksMax)) return cursor
    const below = head - BigInt(this.#context.settings.confirmationBlocks)
    const first = BigInt(deployment.firstBlock)
    const { number, hash } = await reader.getBlock({ blockNumber: below > first ? below : first })
    await this.#view.readAll({ reader, deployment }, { number, hash })
    this.#cursor = { number, hash }
    return this.#cursor
  }

  #heard(): void {
    this.#heardMs = this.#context.clock.nowMs()
    this.#turnedMs = this.#heardMs
    this.#isSilent = false
  }

  #noticeSilence(): void {
    const { clock, events, settings } = this.#context
    const nowMs = clock.nowMs()
    if (nowMs - this.#turnedMs >= settings.silenceMs) this.#turn.abort()
    if (this.#isSilent || nowMs - this.#heardMs < settings.silenceMs) return
    this.#isSilent = true
    events.settlementSilent(nowMs - this.#heardMs)
  }
}

class WrongChain extends Error {
  override name = 'WrongChain'
}

function marketNodeOf(node: ServingNode, { url, agent, community }: Place): MarketNode {
  const { nodeId, providerId, type, chains, stake, signingKey } = node
  const signer = agent ? signingKey.toLowerCase() : undefined
  return { nodeId, providerId, type, chains, url, signer, stake, community }
}

/** Whether it is the same place, for the same chains, whatever is staked and whomever it serves. */
function isSame(one: MarketNode, other: MarketNode): boolean {
  const place = (node: MarketNode) => ({ ...node, stake: null, community: null })
  return Bun.deepEquals(place(one), place(other))
}

/** What a client throws names the address that was asked, which may hold a key. */
function whyOf(error: unknown): string {
  if (error instanceof WrongChain) return 'it is a node of another chain'
  if (error instanceof ReorgTooDeep) return 'the chain has forked deeper than is followed'
  if (isUnreachable(error)) return 'it does not answer'
  return error instanceof Error ? `it refuses a question (${error.name})` : 'it refuses a question'
}
