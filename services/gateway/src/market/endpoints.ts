import type { Deployment } from '@mooring/onchain/deployment'
import { endpointProblem, urlForChain } from '@mooring/onchain/endpoints'
import type { ActiveNode } from '@mooring/onchain/staked-provider'
import { findTarget, type Resolve } from '@mooring/outbound/target'
import type { Clock } from '@mooring/telemetry/clock'
import type { MarketSettings } from '../config-market.ts'
import type { Events } from '../events.ts'
import { type Document, readDocument } from './document.ts'
import { rulesOf } from './reach.ts'

type Context = {
  deployment: Deployment
  settings: MarketSettings
  clock: Clock
  events: Events
  /** Names of the chains that are served. */
  chains: () => ReadonlySet<string>
  /** Some node's endpoint was found. Must only record and wake. */
  onFound: () => void
  resolve?: Resolve | undefined
}

/** What is known of where a node takes requests. It holds for one key and one URL on chain. */
type Entry = { identity: string } & (
  | { url: string }
  /** The document was named by `uri`; another one is read at once. */
  | { why: string; uri: string; retryAtMs: number }
)

const documentsAtOnceMax = 8
/** Several of one node may stand in a document while its key changes; verifying one takes half a millisecond. */
const endpointsOfNodeMax = 8

/** A node's place: while it is the same, so is what its key has signed. */
export function identityOf({ nodeId, signingKey, urlHash }: ActiveNode): string {
  return `${nodeId} ${signingKey} ${urlHash}`
}

/** Finds out where nodes take requests: reads what providers say, and believes what the node's own key has signed. */
export class Endpoints {
  readonly #context: Context
  readonly #entries = new Map<bigint, Entry>()
  #wanted: readonly ActiveNode[] = []
  #wake = new AbortController()
  readonly #stopping = new AbortController()
  #running: Promise<void> | undefined

  constructor(context: Context) {
    this.#context = context
  }

  start(): void {
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  /** Names all nodes whose endpoints are asked for. What is known of others is forgotten. */
  want(nodes: readonly ActiveNode[]): void {
    this.#wanted = nodes
    const ids = new Set(nodes.map(({ nodeId }) => nodeId))
    for (const nodeId of this.#entries.keys()) if (!ids.has(nodeId)) this.#entries.delete(nodeId)
    if (this.#due().length > 0) this.#wake.abort()
  }

  /** Undefined while it is not known. */
  urlOf(node: ActiveNode): string | undefined {
    const entry = this.#entryOf(node)
    return entry !== undefined && 'url' in entry ? entry.url : undefined
  }

  /** Why nothing is known of it; undefined where something is, or where it was not looked for yet. */
  whyNot(node: ActiveNode): string | undefined {
    const entry = this.#entryOf(node)
    return entry !== undefined && 'why' in entry ? entry.why : undefined
  }

  #entryOf(node: ActiveNode): Entry | undefined {
    const entry = this.#entries.get(node.nodeId)
    return entry?.identity === identityOf(node) ? entry : undefined
  }

  #due(): ActiveNode[] {
    const nowMs = this.#context.clock.nowMs()
    return this.#wanted.filter((node) => {
      const entry = this.#entryOf(node)
      if (entry === undefined) return true
      return 'why' in entry && (entry.uri !== node.metadataUri || entry.retryAtMs <= nowMs)
    })
  }

  async #run(): Promise<void> {
    const { clock, events, settings } = this.#context
    const { signal } = this.#stopping
    while (!signal.aborted) {
      this.#wake = new AbortController()
      try {
        await this.#round(this.#due())
      } catch (error) {
        events.broke(error, 'finding the endpoints of nodes')
      }
      const wake = AbortSignal.any([signal, this.#wake.signal])
      await clock.sleep(settings.metadata.retryMs, wake)
    }
  }

  /** A document speaks for all nodes that name it, so it is read once for all of them. */
  async #round(due: readonly ActiveNode[]): Promise<void> {
    const byUri = [...Map.groupBy(due, ({ metadataUri }) => metadataUri)]
    const next = async () => {
      for (let group = byUri.pop(); group !== undefined; group = byUri.pop()) {
        await this.#readFor(...group)
      }
    }
    await Promise.all(Array.from({ length: documentsAtOnceMax }, next))
  }

  async #readFor(uri: string, nodes: readonly ActiveNode[]): Promise<void> {
    const { settings, resolve } = this.#context
    const { signal } = this.#stopping
    const document = await readDocument(uri, { settings, signal, resolve })
    if (signal.aborted) return
    for (const node of nodes) this.#note(node, await this.#findIn(document, node))
    if (nodes.some((node) => this.urlOf(node) !== undefined)) this.#context.onFound()
  }

  #note(node: ActiveNode, found: { url: string } | { why: string }): void {
    const { clock, events, settings } = this.#context
    const before = this.whyNot(node)
    const identity = identityOf(node)
    if ('url' in found) this.#entries.set(node.nodeId, { identity, ...found })
    else {
      const retryAtMs = clock.nowMs() + settings.metadata.retryMs
      const entry = { identity, ...found, uri: node.metadataUri, retryAtMs }
      this.#entries.set(node.nodeId, entry)
      if (found.why !== before) events.nodeRefused(node, found.why)
    }
  }

  async #findIn(document: Document, node: ActiveNode): Promise<{ url: string } | { why: string }> {
    if (!document.ok) return { why: document.problem }
    const own = document.metadata.endpoints.filter(({ nodeId }) => nodeId === node.nodeId)
    let why = 'its document names no endpoint of it'
    for (const endpoint of own.slice(0, endpointsOfNodeMax)) {
      const problem =
        (await endpointProblem(this.#context.deployment, endpoint, node)) ??
        (await this.#placeProblem(endpoint.url, node))
      if (problem === undefined) return { url: endpoint.url }
      why = `its endpoint: ${problem}`
    }
    return { why }
  }

  /** Where it is is asked again whenever it is connected to; here it is told to whoever has to mend it. */
  async #placeProblem(url: string, node: ActiveNode): Promise<string | undefined> {
    const { settings, chains, resolve } = this.#context
    const served = chains()
    const chain = node.chains.find((name) => served.has(name)) ?? ''
    const found = await findTarget(urlForChain(url, chain), rulesOf(settings, resolve))
    return found.ok ? undefined : found.problem
  }
}
