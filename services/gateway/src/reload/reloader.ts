import type { ReloadReport } from '@mooring/protocol/reports/reload'
import type { Clock } from '@mooring/telemetry/clock'
import type { LoadedConfig } from '../config-file.ts'
import type { Events } from '../events.ts'
import type { MarketNode } from '../market/node-upstreams.ts'
import { type Served, upstreamsOf } from '../served.ts'
import { observeOnce, type Poller, startPoller } from '../upstreams/poller.ts'
import type { ServedChain } from '../upstreams/served-chain.ts'
import type { Upstream } from '../upstreams/upstream.ts'
import { changesOf } from './changes.ts'
import { movedPart } from './moved-traffic.ts'

/** Longer than any relay: an upstream that is left out still finishes what it was given. */
const drainMsMax = 150_000
const drainStepMs = 100

type Context = {
  clock: Clock
  events: Events
  /** Reads the configuration file again. */
  load: () => Promise<LoadedConfig>
  create: (config: Served['config'], previous: Served) => Served
  /** The same with other nodes of the settlement chain. */
  withNodes: (served: Served, nodes: readonly MarketNode[]) => Served
}

/** Holds what is served, observes it, and replaces it by a new configuration without losing a request. */
export class Reloader {
  readonly #context: Context
  #served: Served
  /** By the chain that each observes: one that stays the same goes on being observed. */
  #pollers = new Map<ServedChain, Poller>()
  #nodes: readonly MarketNode[]
  #reloading: Promise<ReloadReport> | undefined
  readonly #draining = new Set<Promise<void>>()
  readonly #stopping = new AbortController()

  constructor(served: Served, context: Context) {
    this.#served = served
    this.#nodes = served.nodes
    this.#context = context
    this.#observe(served)
  }

  get served(): Served {
    return this.#served
  }

  /**
   * Reads the file again and serves what it says. Everything is checked first: a file with a problem, or
   * with a chain that none of its upstreams could serve, changes nothing.
   *
   * @param dryRun - Only tells what would change.
   */
  async reload({ dryRun }: { dryRun: boolean }): Promise<ReloadReport> {
    // One at a time; how an earlier one ended is for whoever asked for it.
    while (this.#reloading !== undefined) await this.#reloading.catch(() => undefined)
    const reloading = this.#reload(dryRun).finally(() => {
      this.#reloading = undefined
    })
    this.#reloading = reloading
    return await reloading
  }

  /**
   * Serves other nodes of the settlement chain from now on, and finishes what those that leave were given. Newcomers get
   * traffic once they have been observed.
   */
  offer(nodes: readonly MarketNode[]): void {
    this.#nodes = nodes
    if (this.#stopping.signal.aborted) return
    const before = this.#served
    const after = this.#context.withNodes(before, nodes)
    for (const chain of after.chains.values()) {
      if (before.chains.get(chain.name) !== chain) chain.review()
    }
    this.#serve(after)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const polling = Promise.all([...this.#pollers.values()].map((poller) => poller.stop()))
    // Ends the queries that are under way, which the pollers wait for.
    for (const upstream of upstreamsOf(this.#served)) upstream.close()
    await polling
    await Promise.all(this.#draining)
  }

  async #reload(dryRun: boolean): Promise<ReloadReport> {
    const { events, load, create } = this.#context
    const loaded = await load()
    if (!loaded.ok) {
      const refused = { applied: false, problems: loaded.problems, changes: [], chains: [] }
      events.reloaded(refused)
      return refused
    }
    const before = this.#served
    const after = create(loaded.config, before)
    const opened = upstreamsOf(after).filter((each) => !upstreamsOf(before).includes(each))
    const closeOpened = () => {
      for (const upstream of opened) upstream.close()
    }
    const changes = changesOf(before.config, after.config)
    try {
      await this.#observeNew(after, opened)
    } catch (error) {
      closeOpened()
      throw error
    }
    const problems = [...after.chains.values()].filter((chain) => isWorse(before, chain)).map(unfit)
    const chains = [...after.chains.values()].map((chain) => trafficOf(before, chain))
    const applies = !dryRun && problems.length === 0 && !this.#stopping.signal.aborted
    if (applies) {
      this.#serve(after)
      // They may be others since the new configuration was looked at.
      if (this.#nodes !== after.nodes) this.offer(this.#nodes)
    } else closeOpened()
    const report = { applied: applies, problems, changes, chains }
    events.reloaded(report)
    return report
  }

  #serve(after: Served): void {
    const before = this.#served
    this.#served = after
    this.#observe(after)
    const kept = new Set(upstreamsOf(after))
    for (const chain of before.chains.values()) {
      for (const upstream of chain.upstreams) {
        if (kept.has(upstream)) continue
        this.#context.events.removed(chain, upstream)
        this.#drain(upstream)
      }
    }
  }

  /** An upstream gets traffic only after its chain id was checked, so newcomers are asked before they are served. */
  async #observeNew(after: Served, opened: readonly Upstream[]): Promise<void> {
    const { clock, events } = this.#context
    await Promise.all(
      [...after.chains.values()].map(async (chain) => {
        const newcomers = chain.upstreams.filter((upstream) => opened.includes(upstream))
        await Promise.all(newcomers.map((each) => observeOnce(chain, each, clock, events)))
        chain.review()
      }),
    )
  }

  #observe({ chains }: Served): void {
    const { clock, events } = this.#context
    const before = this.#pollers
    this.#pollers = new Map()
    for (const chain of chains.values()) {
      const poller = before.get(chain) ?? startPoller(chain, clock, events)
      this.#pollers.set(chain, poller)
    }
    for (const [chain, poller] of before) if (!this.#pollers.has(chain)) void poller.stop()
  }

  #drain(upstream: Upstream): void {
    const { clock } = this.#context
    const endMs = clock.nowMs() + drainMsMax
    const draining = (async () => {
      while (upstream.inFlight > 0 && clock.nowMs() < endMs && !this.#stopping.signal.aborted) {
        await clock.sleep(drainStepMs, this.#stopping.signal)
      }
      upstream.close()
    })()
    this.#draining.add(draining)
    void draining.finally(() => this.#draining.delete(draining))
  }
}

/**
 * A reload must not take away a chain that is being served. A new one for which the operator names no upstream waits for
 * nodes that register, whoever has done so already.
 */
function isWorse(before: Served, chain: ServedChain): boolean {
  if (chain.ready) return false
  const old = before.chains.get(chain.name)
  return old === undefined ? chain.upstreams.some(({ staked }) => staked === undefined) : old.ready
}

/** An upstream that does not answer has not had its chain id checked either: why it does not tells more. */
function whyUnfit(gates: readonly { gate: string; reason: string }[]): string {
  const gate = gates.find(({ gate }) => gate === 'SILENT') ?? gates[0]
  return gate?.reason ?? 'unknown'
}

function unfit({ name, upstreams }: ServedChain): ReloadReport['problems'][number] {
  const why = upstreams.map(({ id, score }) => `${id}: ${whyUnfit(score.gates)}`)
  const message = `no upstream would be fit to serve (${why.join('; ')})`
  return { path: `chains.${name}`, line: null, message }
}

function trafficOf(before: Served, chain: ServedChain): ReloadReport['chains'][number] {
  const old = before.chains.get(chain.name)?.upstreams ?? []
  const isSame =
    old.length === chain.upstreams.length && old.every((each) => chain.upstreams.includes(each))
  if (isSame) return { chain: chain.name, movedPercent: 0 }
  const all = new Set([...old, ...chain.upstreams])
  const parts = [...all].map((upstream) => ({
    recentRelays: upstream.recentRelays.count,
    weight: chain.upstreams.includes(upstream) ? upstream.score.score : 0,
  }))
  return { chain: chain.name, movedPercent: Math.round(movedPart(parts) * 100) }
}
