import type { Deployment } from '@mooring/onchain/deployment'
import { endpointProblem, urlForChain } from '@mooring/onchain/endpoints'
import { isDataUri, type SignedEndpoint } from '@mooring/onchain/node-metadata'
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

/** Where a node takes requests, and how, as its key has signed it. */
export type Place = Pick<SignedEndpoint, 'url' | 'agent' | 'community'>

/**
 * What is known of a node's place. It holds for one key and one URL on chain. The document was named by `uri`; another one is
 * read at once.
 */
type Entry = { identity: string; uri: string; readAtMs: number } & (
  | { place: Place }
  | { why: string }
)

type Found = { place: Place } | { why: string }

const documentsAtOnceMax = 8
/** Several of one node may stand in a document while its key changes; verifying one takes half a millisecond. */
const endpointsOfNodeMax = 8

/** While it is the same, what its key has signed goes on to count. */
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
  placeOf(node: ActiveNode): Place | undefined {
    const entry = this.#entryOf(node)
    return entry !== undefined && 'place' in entry ? entry.place : undefined
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
      return entry === undefined || entry.uri !== node.metadataUri || entry.readAtMs <= nowMs
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
      const { retryMs, refreshMs } = settings.metadata
      await clock.sleep(Math.min(retryMs, refreshMs), wake)
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
    if (nodes.some((node) => this.placeOf(node) !== undefined)) this.#context.onFound()
  }

  #note(node: ActiveNode, found: Found): void {
    const { events } = this.#context
    const [before, place] = [this.whyNot(node), this.placeOf(node)]
    // What its key has signed of this URL still counts while the document cannot be read again.
    const kept = 'why' in found && place !== undefined ? { place } : found
    const readAtMs = this.#nextReadMs(node, found)
    const entry = { identity: identityOf(node), uri: node.metadataUri, readAtMs }
    this.#entries.set(node.nodeId, { ...entry, ...kept })
    if ('why' in kept && kept.why !== before) events.nodeRefused(node, kept.why)
  }

  #nextReadMs({ metadataUri }: ActiveNode, found: Found): number {
    const { retryMs, refreshMs } = this.#context.settings.metadata
    const nowMs = this.#context.clock.nowMs()
    if ('why' in found) return nowMs + retryMs
    // What stands on chain itself changes with the chain.
    return isDataUri(metadataUri) ? Number.POSITIVE_INFINITY : nowMs + refreshMs
  }

  async #findIn(document: Document, node: ActiveNode): Promise<Found> {
    if (!document.ok) return { why: document.problem }
    const own = document.metadata.endpoints.filter(({ nodeId }) => nodeId === node.nodeId)
    let why = 'its document names no endpoint of it'
    for (const endpoint of own.slice(0, endpointsOfNodeMax)) {
      const problem =
        (await endpointProblem(this.#context.deployment, endpoint, node)) ??
        (await this.#placeProblem(endpoint.url, node))
      const { url, agent, community } = endpoint
      if (problem === undefined) return { place: { url, agent, community } }
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
